"""Money of bookings: asked of the salon when it may have changed and the account makes use of it.

A payment's own hook and the booking's come in any order and either may be lost, so both only say «look
again» (§11). One request tells of a whole visit, with all its bookings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.core import payments as money
from backend.core.clients import Abonement as Bought
from backend.core.clients import ClientCard
from backend.core.errors import AppError, TryLater
from backend.core.money import Kopecks
from backend.core.payments import Payments, VisitMoney
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.rules.options import Abonement
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import DEFAULT_ZONE, Booking, Phase
from backend.flows.rules import configuration
from backend.flows.sync.readings import Reading
from backend.flows.work import Work
from backend.store import alarms, client_cards, connections, events, lanes, past_bookings, visit_money
from backend.store.connections import BranchRow
from backend.store.inbound import InboundEvent, NewEvent
from backend.store.visit_money import Known

MONEY_FIELDS = (FieldName.PAID, FieldName.PREPAID, FieldName.BY_ABONEMENT, FieldName.DEBT)
RECORD = "yclients.record"
HIDDEN = "money_hidden"  # the alarm of a salon whose payments nobody shows us


def are_needed(rules: BookingRules) -> bool:
    """Whether anything the account wants hangs on payments; otherwise nobody is asked for them."""
    options = rules.configuration.options
    return (
        any(name in rules.field_ids for name in MONEY_FIELDS)
        or options.success.needs_payment
        or options.money.abonement is not Abonement.FULL
    )


def attach(work: Work, fresh: Sequence[Reading], rules: BookingRules) -> list[Reading]:
    """The readings with what their visits were paid by, as far as anybody may see it."""
    if not fresh or not are_needed(rules):
        return list(fresh)
    return _Desk(work, rules, visit_money.of(work.account_id, [r.booking.key for r in fresh])).attach(fresh)


def told_of(work: Work, event: InboundEvent, record_id: int) -> bool:
    """A payment for this record was told of: its booking is looked at again, from the state we know. False
    when nobody needs that.
    """
    account_id = work.account_id
    branch = next((b for b in connections.of_account(account_id) if b.id == event.branch_id), None)
    rules = configuration.load(account_id)
    if branch is None or not are_needed(rules):
        return False
    key = f"yclients:{branch.company_id}:{record_id}"
    visit_money.mark_stale(account_id, [key])
    _look_again(work, branch, [key], f"{event.dedup_key}:", rules.configuration.options.settle.edit)
    return True


def _look_again(work: Work, branch: BranchRow, keys: Sequence[str], cause: str, after: float) -> None:
    bodies = past_bookings.messages(work.account_id, keys)
    new = [
        NewEvent(
            work.account_id, branch.id, lanes.BOOKINGS, key, "payment", RECORD, f"payment:{cause}{key}",
            bodies.get(key, past_bookings.UNREAD), settle_seconds=after,
        )
        for key in keys
    ]  # fmt: skip
    events.record_many(work.ctx.now(), new)


@dataclass
class _Desk:
    """One batch at the cash desks of its salons. A desk that did not answer once is not asked again."""

    work: Work
    rules: BookingRules
    known: dict[str, Known]
    silent: dict[int, TryLater] = field(default_factory=dict)
    read: dict[str, Known] = field(default_factory=dict)

    def attach(self, fresh: Sequence[Reading]) -> list[Reading]:
        asked: dict[tuple[int, int], list[Reading]] = defaultdict(list)
        for reading in fresh:
            if self._is_stale(reading.booking):
                asked[reading.booking.branch_id, reading.booking.visit_id].append(reading)
        late = {reading.booking.key for group in asked.values() for reading in self._ask(group)}
        visit_money.save(self.work.account_id, self.read)
        return [self._with(reading) for reading in fresh if reading.booking.key not in late]

    def _is_stale(self, booking: Booking) -> bool:
        """Unpaid bookings that nobody has come to are the most, and cost no request."""
        if booking.phase is Phase.CANCELLED or not booking.visit_id:
            return False
        known = self.known.get(booking.key)
        if known is None:
            return booking.is_paid or booking.is_prepaid or booking.phase is Phase.ARRIVED
        is_newer = known.read_at is None or booking.changed_at > known.read_at
        return known.is_stale or is_newer or known.mark != _mark(booking)

    def _ask(self, group: Sequence[Reading]) -> list[Reading]:
        """The bookings of one visit; returns those that have to wait because the salon does not answer."""
        first = group[0].booking
        branch = next(b for b in self._branches() if b.company_id == first.branch_id)
        try:
            visit = self._visit(first, branch.timezone or DEFAULT_ZONE)
        except AppError as error:
            for reading in group:
                self.work.dispose(error, [reading.event.id, *(event.id for event in reading.older)])
            return list(group)
        self._tell(branch, is_hidden=visit is None)
        for reading in group:
            booking = reading.booking
            part = self._part(visit, booking) if visit else None
            if part and part.by_abonement:
                self._count_balances(booking, branch)
            self.read[booking.key] = Known(_mark(booking), part, is_stale=False, read_at=booking.changed_at)
        if visit:
            self._tell_the_others(branch, visit, first)
        return []

    def _visit(self, booking: Booking, zone: str) -> VisitMoney | None:
        company_id = booking.branch_id
        if company_id in self.silent:
            raise self.silent[company_id]
        try:
            client = self.work.yclients(company_id)
            return client.visit_money(company_id, booking.record_id, booking.visit_id, zone)
        except TryLater as error:
            self.silent[company_id] = error
            raise

    def _part(self, visit: VisitMoney, booking: Booking) -> Payments:
        part = money.of_booking(visit, booking.record_id, booking.starts_at)
        if not part.by_abonement or booking.client is None:
            return part
        card = client_cards.of(self.work.account_id, [booking.client.card]).get(booking.client.card)
        bought = [one for one in (card.abonements if card else None) or () if one.price and one.visits]
        value = bought[0].price // bought[0].visits if bought and bought[0].price else None
        return replace(part, abonement_value=None if value is None else Kopecks(value))

    def _count_balances(self, booking: Booking, branch: BranchRow) -> None:
        """An abonement was used: what is left of it stands at the contact, where the account wants that."""
        client = booking.client
        if client is None or ContactFieldName.ABONEMENTS not in self.rules.contact_field_ids:
            return
        zone = branch.timezone or DEFAULT_ZONE
        found = self.work.yclients(branch.company_id).abonements(branch.company_id, client.phone, zone)
        if found is None:
            return
        before = client_cards.of(self.work.account_id, [client.card]).get(
            client.card, ClientCard(client.card)
        )
        card = replace(before, abonements=with_prices(found, before))
        client_cards.save(self.work.account_id, [card], self.work.ctx.now())

    def _tell(self, branch: BranchRow, *, is_hidden: bool) -> None:
        """Payments that may not be seen leave their fields empty, and a person is told once (row F14)."""
        account_id, key = self.work.account_id, str(branch.company_id)
        if is_hidden:
            now = self.work.ctx.now()
            alarms.raise_alarm(account_id, HIDDEN, "notice", key, {"salon": branch.title}, now)
        else:
            alarms.resolve(account_id, HIDDEN, scope_kind="notice", scope_key=key)

    def _tell_the_others(self, branch: BranchRow, visit: VisitMoney, first: Booking) -> None:
        """The other bookings of the visit have their part of the same payment (row F12)."""
        others = [
            f"{first.source}:{branch.company_id}:{record_id}"
            for record_id in visit.dues
            if record_id and f"{first.source}:{branch.company_id}:{record_id}" not in self.read
        ]
        known = visit_money.of(self.work.account_id, others)
        changed = [key for key in others if not _is_same(known.get(key), visit, key)]
        if changed:
            visit_money.mark_stale(self.work.account_id, changed)
            _look_again(self.work, branch, changed, f"{first.key}:{first.changed_at.isoformat()}:", 0)

    def _branches(self) -> list[BranchRow]:
        return list(connections.of_account(self.work.account_id))

    def _with(self, reading: Reading) -> Reading:
        known = self.read.get(reading.booking.key) or self.known.get(reading.booking.key)
        if known is None or known.money is None:
            return reading
        return replace(reading, booking=replace(reading.booking, payments=known.money))


def with_prices(now: Sequence[Bought], before: ClientCard | None) -> tuple[Bought, ...]:
    """Balances as they are now, with the prices that we saw when they were sold."""
    prices = {one.id: one.price for one in (before.abonements if before else None) or ()}
    return tuple(one if one.price is not None else replace(one, price=prices.get(one.id)) for one in now)


def _mark(booking: Booking) -> str:
    """What the booking itself tells of money."""
    told_ = (booking.is_paid, booking.is_prepaid, booking.price, booking.goods_price, booking.visit_id)
    return "|".join(str(part) for part in told_)


def _is_same(known: Known | None, visit: VisitMoney, key: str) -> bool:
    """Whether a booking's part is what it was: nothing was paid and nobody has asked, or the sum is equal."""
    paid = sum(payment.amount for payment in visit.payments)
    if known is None:
        return paid == 0
    part = money.split(Kopecks(paid), visit.dues).get(int(key.rsplit(":", 1)[1]), 0)
    return known.is_stale or (known.money is not None and known.money.covered == part)
