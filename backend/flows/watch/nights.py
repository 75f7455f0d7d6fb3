"""The nightly look: a salon's whole journal compared with what we know and with what its leads are; and the
weekly one, which asks amoCRM for the lead of every active link.

What differs is repaired at once by deciding the booking again, and stands in the report; what only a person
can put right stands there as such. A look never speeds: it leaves half of the rate to the day's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from backend.core.crm import Lead
from backend.core.errors import AppError
from backend.core.rules.configuration import FieldName, Mode
from backend.core.salon import DEFAULT_ZONE, Booking
from backend.core.sync.booking import decide
from backend.core.watch import drift
from backend.core.watch.drift import Drift, Kind
from backend.flows.context import Context, KeepAlive
from backend.flows.rules import configuration, requeue
from backend.flows.sync import facts, human_work, persons
from backend.flows.sync.readings import content_hash
from backend.flows.vendors import pace
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import bookings, drifts, events, lanes, links, mirror, visit_money
from backend.store.connections import BranchRow
from backend.store.drifts import LinkedLead
from backend.store.events import NewEvent

BACK, AHEAD = 60, 90  # days of the journal
WINDOW = 30  # of them in one step
SOURCE = "watch.poll"
LINKS_BACK = timedelta(days=BACK)
AT_ONCE = 50  # leads asked for by their numbers in one request
ASKED_ALONE = 20  # bookings that a list does not show are asked for one by one, but not by hundreds


@dataclass(frozen=True)
class Night:
    """One salon in one look."""

    ctx: Context
    branch: BranchRow
    look_id: int
    keep_alive: KeepAlive

    @property
    def account_id(self) -> int:
        return int(self.branch.account_id)

    @property
    def zone(self) -> str:
        return str(self.branch.timezone or DEFAULT_ZONE)


def windows(day: date) -> list[tuple[date, date]]:
    """The days of the journal in portions, both ends included."""
    first = day - timedelta(days=BACK)
    starts = [first + timedelta(days=days) for days in range(0, BACK + AHEAD, WINDOW)]
    return [(start, start + timedelta(days=WINDOW - 1)) for start in starts]


def look(night: Night, first: date, last: date) -> int:
    """These days of the salon's journal; returns how much differed."""
    client = night.ctx.yclients(
        night.account_id, night.branch.company_id, pace.slowly(night.ctx, "yclients", night.keep_alive)
    )
    rows = list(client.records_between(night.branch.company_id, first, last, with_deleted=True))
    listed = {f"yclients:{night.branch.company_id}:{int(row['id'])}" for row in rows}
    hidden = _hidden(night, first, last, listed)
    for key in hidden[:ASKED_ALONE]:
        row = client.record(night.branch.company_id, int(key.rsplit(":", 1)[1]))
        rows += [row] if row else []
        hidden = [other for other in hidden if other != key] if row else hidden
    found = [Drift(key, Kind.VANISHED) for key in hidden]
    rows_left = iter(rows)
    while portion := list(islice(rows_left, drifts.CHUNK)):
        night.keep_alive()
        found += _compared(night, portion)
    return drifts.save(night.look_id, night.account_id, len(rows), found, night.ctx.now())


def _hidden(night: Night, first: date, last: date, listed: set[str]) -> list[str]:
    """Bookings that we know to stand on these days and the journal does not list: moved elsewhere, or no
    longer shown to us. None of them is taken for deleted (row D11).
    """
    zone = ZoneInfo(night.zone)
    since = datetime.combine(first, time.min, zone)
    until = datetime.combine(last + timedelta(days=1), time.min, zone)
    known = drifts.expected(night.account_id, night.branch.id, since, until)
    return [key for key in known if key not in listed]


def _compared(night: Night, rows: Sequence[JsonObject]) -> list[Drift]:
    """What is news goes to the inbox as a hook's would; what is known is decided once more."""
    source = BOOKING_SOURCES["yclients"]
    read: dict[str, tuple[Booking, str]] = {}
    for row in rows:
        try:
            booking = source.parse(row, night.zone)
        except AppError:  # told of by the look of every few minutes, which reads it too
            continue
        read[booking.key] = booking, source.told(night.branch.company_id, row).body
    known, under_way = (
        bookings.hashes(night.account_id, list(read)),
        drifts.busy(night.account_id, list(read)),
    )
    quiet = {key: booking for key, (booking, _) in read.items() if key not in under_way}
    news = [booking for key, booking in quiet.items() if known.get(key) != content_hash(booking)]
    same = [booking for key, booking in quiet.items() if known.get(key) == content_hash(booking)]
    _again(night, {booking.key: read[booking.key][1] for booking in news})
    return [*(Drift(booking.key, Kind.MISSED) for booking in news), *_decided(night, same, read)]


def _decided(night: Night, same: Sequence[Booking], read: dict[str, tuple[Booking, str]]) -> list[Drift]:
    """What the rules would still do about bookings that did not change, from the facts a drain would have."""
    rules = configuration.load(night.account_id)
    branch = rules.configuration.branch(night.branch.company_id)
    if not same or branch is None or branch.mode is not Mode.ACTIVE or FieldName.KEY not in rules.field_ids:
        return []
    gathered = facts.gather(night.account_id, _whole(night, same), night.ctx.now(), rules)
    crm = night.ctx.amo(night.account_id, pace.slowly(night.ctx, "amocrm", night.keep_alive))
    gathered = human_work.noted(night.account_id, gathered, rules, crm)
    wrong = [found for known in gathered if (found := drift.of_decision(decide(known, rules)))]
    _again(night, {found.key: read[found.key][1] for found in wrong})
    budgets = [found for known in gathered if (found := drift.of_budget(known))]
    return [*wrong, *budgets]


def _whole(night: Night, found: Sequence[Booking]) -> list[Booking]:
    """Bookings with all that their records do not bring: categories, cards, what they were paid by."""
    joined = persons.with_cards(night.account_id, facts.with_categories(night.account_id, found))
    paid = visit_money.of(night.account_id, [booking.key for booking in joined])
    return [
        replace(booking, payments=known.money)
        if (known := paid.get(booking.key)) and known.money is not None
        else booking
        for booking in joined
    ]


def _again(night: Night, bodies: dict[str, str]) -> None:
    """Decided anew in their turn, each once in a look."""
    new = [
        NewEvent(
            night.account_id, night.branch.id, lanes.BOOKINGS, key, SOURCE, "yclients.record",
            f"{night.look_id}:{key}", body,
        )
        for key, body in bodies.items()
    ]  # fmt: skip
    if new:
        events.record_many(night.ctx.now(), new)
        night.ctx.ring(lanes.lane_id(night.account_id, lanes.BOOKINGS))


# The leads of active links


def look_at_links(night: Night, after: int) -> int | None:
    """A portion of the salon's active links; where to go on, None when it was the last."""
    portion = drifts.active_links(
        night.account_id, night.branch.company_id, after, night.ctx.now() - LINKS_BACK, AT_ONCE
    )
    if not portion:
        return None
    client = night.ctx.amo(night.account_id, pace.slowly(night.ctx, "amocrm", night.keep_alive))
    wanted = sorted({one.lead_id for one in portion})
    there = {lead.id: lead for lead in client.leads_by_ids(wanted)}
    for lead_id in wanted:  # a list whose filter is switched off shows strangers: then each is asked for
        if lead_id not in there and (lead := client.lead(lead_id)) is not None:
            there[lead_id] = lead
    found = _linked(night, portion, there)
    drifts.save(night.look_id, night.account_id, len(portion), found, night.ctx.now())
    return portion[-1].row_id


def _linked(night: Night, portion: Sequence[LinkedLead], there: dict[int, Lead]) -> list[Drift]:
    ours = mirror.leads_by_ids(night.account_id, [one.lead_id for one in portion])
    gone = [one for one in portion if one.lead_id not in there or there[one.lead_id].is_deleted]
    for one in gone:
        mirror.mark_lead_deleted(night.account_id, one.lead_id)
    untold = [one for one in portion if _is_untold(ours.get(one.lead_id), there.get(one.lead_id))]
    mirror.save_leads(night.account_id, [there[one.lead_id] for one in untold])
    known = links.by_keys(night.account_id, [one.key for one in gone])
    lost = [
        one for one in gone if ours.get(one.lead_id) and not ours[one.lead_id].is_deleted and one.key in known
    ]
    _again(night, {one.key: requeue.UNREAD for one in lost})
    return [
        *(Drift(one.key, Kind.LEAD_GONE, one.lead_id) for one in lost),
        *(Drift(one.key, Kind.UNTOLD, one.lead_id) for one in untold),
    ]


def _is_untold(ours: Lead | None, theirs: Lead | None) -> bool:
    """The CRM changed what decisions look at, and no hook told us."""
    if theirs is None or theirs.is_deleted:
        return False
    if ours is None:
        return True
    return (ours.pipeline_id, ours.stage_id, ours.price, ours.is_deleted) != (
        theirs.pipeline_id, theirs.stage_id, theirs.price, False,
    )  # fmt: skip
