"""Options of an account: every choice that is not a salon, a direction, a route or a field. Meanings and
defaults are in docs/configuration.md; the numbers of paragraphs and rows are those of the catalogue there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

NOBODYS: Mapping[int, frozenset[int]] = MappingProxyType({})


class MultiCategory(StrEnum):
    """A booking of several directions: one lead, a lead for each, or existing leads only (§5.1)."""

    SINGLE = "single"
    SPLIT = "split"
    HYBRID = "hybrid"


class DirectionChange(StrEnum):
    """The direction of a linked booking is gone: its lead moves, is closed for another, or a person decides
    (§4.6).
    """

    MOVE = "move"
    RELINK = "relink"
    TASK = "task"


class AfterNoShow(StrEnum):
    CONTINUE = "continue"
    STRICT = "strict"


class Repeating(StrEnum):
    """Bookings of one schedule: a lead for each, or only for the nearest (row A18)."""

    EVERY = "every"
    NEAREST = "nearest"


class Without(StrEnum):
    """What becomes of a booking that lacks something: services (A14) or a phone (E1)."""

    SKIP = "skip"
    CREATE = "create"


class Older(StrEnum):
    """A visit entered long after it took place: no lead, or one in its final stage (A17)."""

    SKIP = "skip"
    FINAL = "final"


class MovedBetweenSalons(StrEnum):
    """Deleted here and made there a little later: two leads, or one that follows (D3)."""

    SEPARATE = "separate"
    FOLLOW = "follow"


class RestoredLate(StrEnum):
    """A deleted booking that came back after the time to reopen (D6)."""

    NEW = "new"
    REOPEN = "reopen"


class Incoming(StrEnum):
    """A lead of the person lies in «Неразобранное»: wait for a person's decision, or take it (A11)."""

    WAIT = "wait"
    ACCEPT = "accept"


class ResponsibleBy(StrEnum):
    """Who is responsible for a new lead: the route says, the master's user, or the author's (J9)."""

    ROUTE = "route"
    MASTER = "master"
    AUTHOR = "author"


class AlreadyBooked(StrEnum):
    """The automation's lead came although the next visit is booked (§7.4)."""

    CLOSE = "close"
    MOVE = "move"
    TASK = "task"


class NextLead(StrEnum):
    """Who makes the lead for the next visit: amoCRM's own automation, or we (§7.5)."""

    CRM = "crm"
    OURS = "ours"


class Abonement(StrEnum):
    """The budget of a visit that an abonement pays (F6)."""

    FULL = "full"
    ZERO = "zero"
    VISIT = "visit"


class Goods(StrEnum):
    """Goods sold with a visit: in the budget of the main lead, or in a field only (F8)."""

    LEAD = "lead"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Settle:
    """Seconds to wait after a change before acting on it (booking-sync-scenarios.md §6.2)."""

    create: int = 30
    edit: int = 10
    arrived: int = 120
    no_show: int = 300
    delete: int = 60


@dataclass(frozen=True, slots=True)
class Success:
    """When «пришёл» wins a lead: only when it is paid in full (C13), not before the visit begins (C11)."""

    needs_payment: bool = False
    after_start: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """`price_days`: how long a price changed after the visit still changes the budget (F3)."""

    abonement: Abonement = Abonement.FULL
    goods: Goods = Goods.LEAD
    price_days: int = 7
    keep_typed_budget: bool = False


@dataclass(frozen=True, slots=True)
class Brake:
    """More creations than this in an hour are held: for one person, and times the salon's usual (§10.8)."""

    per_person: int = 3
    times_usual: int = 3


@dataclass(frozen=True, slots=True)
class Options:
    """`excluded_labels` and `auxiliary` are ids per company id: labels of records that are skipped, services
    that do not decide the direction.
    """

    multi_category: MultiCategory = MultiCategory.HYBRID
    direction_change: DirectionChange = DirectionChange.MOVE
    after_no_show: AfterNoShow = AfterNoShow.CONTINUE
    network_wide: bool = False
    group_by_visit: bool = False
    repeating: Repeating = Repeating.EVERY
    without_services: Without = Without.SKIP
    without_phone: Without = Without.CREATE
    older: Older = Older.SKIP
    moved_between_salons: MovedBetweenSalons = MovedBetweenSalons.SEPARATE
    restored_late: RestoredLate = RestoredLate.NEW
    match_by_name: bool = False
    incoming: Incoming = Incoming.WAIT
    incoming_wait: int = 300
    names_from_salon: bool = False
    responsible_by: ResponsibleBy = ResponsibleBy.ROUTE
    attendance_from_stage: bool = False
    settle: Settle = Settle()
    success: Success = Success()
    money: Money = Money()
    brake: Brake = Brake()
    trigger_wait: int = 120
    trigger_window: int = 600
    already_booked: AlreadyBooked = AlreadyBooked.CLOSE
    next_lead: NextLead = NextLead.CRM
    followup_secondary: bool = False
    attach_days: int = 0
    cancelled_loss_reason: int | None = None
    technical_loss_reason: int | None = None
    do_not_attach_tag: str = "не привязывать"
    do_not_move_tag: str = "не двигать"
    do_not_transfer_label: str = "не передавать"
    common_pipelines: frozenset[int] = frozenset()
    excluded_labels: Mapping[int, frozenset[int]] = field(default_factory=lambda: NOBODYS)
    auxiliary: Mapping[int, frozenset[int]] = field(default_factory=lambda: NOBODYS)
    import_past_days: int = 3
    reuse_no_show_days: int = 60
    close_no_show_days: int = 0
    reopen_hours: int = 24

    @property
    def reopen_window(self) -> timedelta:
        return timedelta(hours=self.reopen_hours)

    @property
    def price_window(self) -> timedelta:
        return timedelta(days=self.money.price_days)


STANDARD = Options()
