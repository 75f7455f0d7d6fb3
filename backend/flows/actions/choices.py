"""What there is to choose from when booking: salons, services, masters, days and times that are free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from backend.core import money, slots
from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Branch, Configuration, FieldName, Mode
from backend.core.salon import DEFAULT_ZONE, branch_of
from backend.core.slots import WorkDay
from backend.flows.actions import rights
from backend.flows.actions.people import Holder
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.vendors import clients
from backend.flows.widget import spoken
from backend.integrations.yclients.slots import Master, Offer
from backend.integrations.yclients.writes import YclientsDesk
from backend.store import configs, connections
from backend.store.accounts import Account

Json = dict[str, object]

DAYS_AHEAD = 60  # as far as a desk books
NEAREST_DAYS = 7  # around a time that was taken meanwhile
NEAREST = 6
MOST_SERVICES = 20
MINUTE = 60


@dataclass
class Desk:
    """One salon's journal in the hands of one person: `journal` asks YCLIENTS."""

    ctx: Context
    account: Account
    rules: Configuration
    company_id: int

    @cached_property
    def branch(self) -> Branch:
        return rights.branch(self.rules, self.company_id)

    @cached_property
    def journal(self) -> YclientsDesk:
        return clients.yclients_desk(self.ctx, self.account.id, self.company_id)

    @cached_property
    def zone(self) -> str:
        row = connections.get(self.account.id, self.company_id)
        return (row.timezone if row else None) or self.account.timezone or DEFAULT_ZONE

    @property
    def now(self) -> datetime:
        """The salon's wall clock, naive as everything that YCLIENTS speaks of."""
        return self.wall(self.ctx.now())

    def wall(self, moment: datetime) -> datetime:
        return moment.astimezone(spoken.zone(self.zone)).replace(tzinfo=None)

    @cached_property
    def offers(self) -> dict[int, Offer]:
        return {offer.id: offer for offer in self.journal.offers(self.company_id)}

    def chosen(self, service_ids: Sequence[int]) -> tuple[Offer, ...]:
        """Services of one visit, in the order they were chosen."""
        if not service_ids:
            raise InvalidInput("card.no_services")
        if len(service_ids) > MOST_SERVICES:
            raise InvalidInput("card.too_many_services", most=MOST_SERVICES)
        if any(one not in self.offers for one in service_ids):
            raise InvalidInput("card.unknown_service")
        return tuple(self.offers[one] for one in dict.fromkeys(service_ids))

    def masters(self, wanted: Sequence[Offer]) -> list[Master]:
        """Who does all of it; columns that are no people («лист ожидания») are left out as the rules say."""
        known = self.journal.masters(self.company_id)
        return [
            one
            for one in known
            if one.id not in self.branch.excluded_staff and all(offer.is_done_by(one.id) for offer in wanted)
        ]

    def works(self, staff_id: int, first: date, last: date) -> tuple[WorkDay, ...]:
        return self.journal.timetable(self.company_id, staff_id, first, last)

    def nearest(self, staff_id: int, minutes: int, wanted: datetime) -> list[str]:
        """Free beginnings around one that somebody else has taken."""
        first = max(self.now.date(), wanted.date() - timedelta(days=1))
        works = self.works(staff_id, first, wanted.date() + timedelta(days=NEAREST_DAYS))
        found = slots.nearest(works, minutes, wanted, self.now, NEAREST)
        return [at.strftime("%Y-%m-%d %H:%M") for at in found]


def desk(ctx: Context, account: Account, company_id: int) -> Desk:
    return Desk(ctx, account, configuration.current(account.id), company_id)


def salons(account: Account, holder: Holder, last_key: str) -> Json:
    """Salons that we write for; chosen is the one that the card speaks of."""
    rules = configuration.current(account.id)
    active = [branch for branch in rules.branches if branch.mode is Mode.ACTIVE]
    return {
        "salons": [{"id": branch.company_id, "title": branch.title} for branch in active],
        "chosen": _chosen(account, holder, active, last_key),
    }


def _chosen(account: Account, holder: Holder, active: Sequence[Branch], last_key: str) -> int | None:
    field = configs.field_ids(account.id).get(FieldName.SALON)
    told = holder.lead.values(field) if holder.lead else ()
    last = branch_of(last_key) if last_key else 0
    by_field = [branch.company_id for branch in active if branch.title in told]
    by_visit = [branch.company_id for branch in active if branch.company_id == last]
    alone = [branch.company_id for branch in active] if len(active) == 1 else []
    return next(iter((*by_field, *by_visit, *alone)), None)


def services(at: Desk) -> Json:
    """The price list by categories, as the salon orders them."""
    rights.branch(at.rules, at.company_id)
    offers = list(at.offers.values())
    row = connections.get(at.account.id, at.company_id)
    titles = dict(connections.catalogue(row.id).categories) if row else {}
    known = dict.fromkeys(offer.category_id for offer in offers)
    return {
        "categories": [
            {
                "title": titles.get(category, ""),
                "services": [_service(offer) for offer in offers if offer.category_id == category],
            }
            for category in known
        ]
    }


def _service(offer: Offer) -> Json:
    return {
        "id": offer.id,
        "title": offer.title,
        "price": money.shown(offer.price),
        "rubles": money.to_whole_rubles(offer.price),
        "minutes": offer.usual // MINUTE,
    }


def masters(at: Desk, service_ids: Sequence[int]) -> Json:
    rights.branch(at.rules, at.company_id)
    found = at.masters(at.chosen(service_ids))
    return {"masters": [{"id": one.id, "name": one.name, "speciality": one.speciality} for one in found]}


def days(at: Desk, staff_id: int, service_ids: Sequence[int]) -> Json:
    rights.branch(at.rules, at.company_id)
    minutes = length(at.chosen(service_ids), staff_id)
    today = at.now.date()
    works = at.works(staff_id, today, today + timedelta(days=DAYS_AHEAD))
    return {"days": [day.isoformat() for day in slots.days(works, minutes, at.now)]}


def times(at: Desk, staff_id: int, service_ids: Sequence[int], day: date) -> Json:
    rights.branch(at.rules, at.company_id)
    minutes = length(at.chosen(service_ids), staff_id)
    works = at.works(staff_id, day, day)
    free = [begins for work in works if work.day == day for begins in slots.starts(work, minutes, at.now)]
    return {"times": [begins.strftime("%H:%M") for begins in free]}


def length(offers: Sequence[Offer], staff_id: int) -> int:
    """Minutes of a visit with this master, the last begun one counted whole."""
    return -(-sum(offer.lasts(staff_id) for offer in offers) // MINUTE)
