"""The counters of a salon that moves over: gathered from the store, which is freshened just before, judged by
core/takeover/counters.py, and kept as they were before the switch and after.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.core.errors import AppError, InvalidInput
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking
from backend.core.sync.links import Link, key_value
from backend.core.takeover import agreement
from backend.core.takeover import counters as rules_of
from backend.core.takeover.counters import Carried, Code, Counter, Creations, Odd, Own, Seen
from backend.core.takeover.pairing import State as PairState
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration
from backend.flows.sync import facts, mirror, past
from backend.flows.takeover.counting import carrying
from backend.flows.takeover.counting.carrying import Carrying
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.reading import found
from backend.flows.widget import spoken
from backend.store import (
    connections,
    foreign_writes,
    hour_figures,
    links,
    reports,
    takeover_counters,
    takeover_pairs,
    writers,
)
from backend.store import mirror as index
from backend.store.connections import BranchRow
from backend.store.takeover_counters import SnapshotRow

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
ON_THE_WAY = ("received", "waiting")
HOOKS, POLL = "yclients", "yclients.poll"


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Snapshot:
    id: int
    moment: Moment
    taken_at: datetime
    since: datetime | None
    counters: tuple[Counter, ...]

    @property
    def red(self) -> int:
        return sum(not one.is_green for one in self.counters)


def take(  # noqa: PLR0913 - whose, when and how
    ctx: Context,
    account_id: int,
    company_id: int,
    moment: Moment,
    since: datetime | None = None,
    keep_alive: KeepAlive = nothing,
) -> list[Counter]:
    """Counts, and keeps what was counted beside the other moment."""
    since = since or _switched_at(account_id, company_id)
    counted = of(ctx, account_id, company_id, since, keep_alive)
    plain = [_written(one) for one in counted]
    takeover_counters.save(account_id, company_id, str(moment), plain, ctx.now(), since=since)
    return counted


def kept(account_id: int) -> dict[int, dict[Moment, Snapshot]]:
    """What was counted last of each salon."""
    snapshots: dict[int, dict[Moment, Snapshot]] = {}
    for (company_id, moment), row in takeover_counters.newest(account_id).items():
        snapshots.setdefault(company_id, {})[Moment(moment)] = _read(row)
    return snapshots


def of(
    ctx: Context,
    account_id: int,
    company_id: int,
    since: datetime | None = None,
    keep_alive: KeepAlive = nothing,
) -> list[Counter]:
    """All thirteen, in the order of the page. `since`: the switch; without one nothing is counted from it.
    InvalidInput for a salon that is not connected.
    """
    branch = connections.get(account_id, company_id)
    if branch is None:
        raise InvalidInput("takeover_counters.no_salon", company_id=company_id)
    since = since or _switched_at(account_id, company_id)
    _freshen(ctx, account_id, keep_alive)
    keep_alive()
    rules, carried, now = configuration.load(account_id), carrying.scan(account_id), ctx.now()
    keep_alive()
    seen = _seen(account_id, branch, carried, now)
    differing = _money(seen, rules, branch, now)
    counted = [
        rules_of.future(seen, rules, now),
        rules_of.recent(seen, rules, now),
        _keys(account_id, company_id, carried, rules),
        rules_of.doubles(seen),
        agreement.misplaced(seen, rules, now),
        *differing,
        _created(account_id, branch, carried, since),
        rules_of.held(takeover_counters.held_of(account_id, branch.id)),
        _foreign(account_id, company_id, since),
        _lag(account_id, branch, max(since or now - DAY, now - DAY)),
        _errors(account_id, now),
        rules_of.queue(*takeover_counters.queue_of(account_id, branch.id, now)),
    ]
    order = list(Code)
    return sorted(counted, key=lambda one: order.index(one.code))


def _switched_at(account_id: int, company_id: int) -> datetime | None:
    writer = writers.of_salon(account_id, company_id)
    return writer.t0 if writer else None


def _freshen(ctx: Context, account_id: int, keep_alive: KeepAlive) -> None:
    """Leads as amoCRM has them now; when it does not answer, as it had them last."""
    try:
        mirror.refresh(account_id, mirror.LEADS, ctx.amo(account_id, keep_alive))
    except AppError as error:
        log.warning("leads not freshened for the counters error=%s", error)


# Bookings with their leads


def _seen(account_id: int, branch: BranchRow, carried: Carrying, now: datetime) -> list[Seen]:
    bookings, told = _bookings(account_id, branch, now - rules_of.RECENT)
    keys = [booking.key for booking in bookings]
    mains, others = links.by_keys(account_id, keys), links.shares_of(account_id, keys)
    statuses = reports.newest_statuses(account_id, keys)
    linked = {key: [*([mains[key]] if key in mains else []), *others.get(key, [])] for key in keys}
    ids = [link.lead_id for own in linked.values() for link in own]
    named = _named(account_id, keys, carried)
    leads = index.leads_by_ids(account_id, [*ids, *(i for others in named.values() for i in others)])
    return [
        Seen(
            booking,
            tuple(Own(link, leads.get(link.lead_id)) for link in linked[booking.key]),
            tuple(leads[i] for i in named[booking.key] if i in leads),
            told.get(booking.key, ""),
            statuses.get(booking.key) in ON_THE_WAY,
        )
        for booking in bookings
    ]


def _named(account_id: int, keys: Sequence[str], carried: Carrying) -> dict[str, list[int]]:
    """Booking → leads that carry its number, and those that the pairing found to be its second one: not every
    integration leaves a number.
    """
    pairs = takeover_pairs.of_booking(account_id, keys)
    doubles = {
        key: [row.lead_id for row in rows if row.state == PairState.DUPLICATE] for key, rows in pairs.items()
    }
    return {key: [*carried.leads.get(key, ()), *doubles.get(key, ())] for key in keys}


def _bookings(account_id: int, branch: BranchRow, since: datetime) -> tuple[list[Booking], Mapping[str, str]]:
    """What the road has seen, and what only discovery has; why the newest decisions ended as they did."""
    rows = takeover_counters.bookings_since(account_id, branch.id, since)
    known = past.whole(account_id, rows)
    for record in takeover_counters.found_since(account_id, branch.company_id, since):
        if record.key not in known or known[record.key].changed_at < record.changed_at:
            known[record.key] = found.booking_of(record)
    joined = facts.with_categories(account_id, [one for one in known.values() if one.starts_at >= since])
    return joined, {row.key: row.reason or "" for row in rows}


def _money(seen: Sequence[Seen], rules: BookingRules, branch: BranchRow, now: datetime) -> list[Counter]:
    pairs = agreement.pairs(seen, rules)
    causes = agreement.causes(pairs, {one.booking.key: one for one in seen}, rules, now)
    zone = spoken.zone(branch.timezone or rules.configuration.timezone)
    days = {one.booking.key: one.booking.starts_at.astimezone(zone).date() for one in seen}
    day = now.astimezone(zone).date() - DAY
    return [agreement.budgets(pairs, causes), agreement.yesterday(pairs, causes, days, day)]


def _keys(account_id: int, company_id: int, carried: Carrying, rules: BookingRules) -> Counter:
    """Leads that name a booking of this salon; a number that is nobody's counts where the lead says, or where
    the salon's leads live.
    """
    ours = [key for key in carried.leads if key.startswith(f"yclients:{company_id}:")]
    known = takeover_counters.known_keys(account_id, ours)
    named = [Carried(lead, key, key in known) for key in ours for lead in carried.leads[key]]
    pipelines = {r.pipeline_id for r in rules.configuration.routes if r.branch_id == company_id}
    named += [
        Carried(one.lead_id, f"yclients:{company_id}:{one.record_id}", is_known=False)
        for one in carried.strangers
        if (one.company_id == company_id if one.company_id else one.pipeline_id in pipelines)
    ]
    return rules_of.keys(named)


# Since the switch


def _created(account_id: int, branch: BranchRow, carried: Carrying, since: datetime | None) -> Counter:
    if since is None:
        return rules_of.created(Creations())
    done = takeover_counters.creations_since(account_id, branch.id, since)
    asked = frozenset(key_value(key, json.loads(payload).get("share", "")) for key, payload in done)
    slots = [slot for slot in carried.slots if slot.startswith(f"yclients:{branch.company_id}:")]
    leads = index.leads_by_ids(account_id, [carried.slots[slot] for slot in slots])
    opened = _opened_by_us(account_id, list(leads))
    made = {
        slot: lead.id
        for slot in slots
        if (lead := leads[carried.slots[slot]]).created_at and lead.created_at >= since and lead.id in opened
    }
    return rules_of.created(Creations(asked, made))


def _opened_by_us(account_id: int, lead_ids: Sequence[int]) -> set[int]:
    held: Mapping[int, Link] = links.holders(account_id, lead_ids)
    return {lead_id for lead_id in lead_ids if lead_id not in held or held[lead_id].opened_by_us}


def _foreign(account_id: int, company_id: int, since: datetime | None) -> Counter:
    if since is None:
        return rules_of.foreign(())
    authors = recognition.load(account_id).writer_ids
    written = foreign_writes.since(account_id, since, company_id, authors)
    return rules_of.foreign(
        Odd(
            one.key, one.lead_id, "foreign",
            {"what": one.what, "before": one.before, "after": one.after, "at": one.at.isoformat()},
        )
        for one in written
    )  # fmt: skip


# How the work goes


def _lag(account_id: int, branch: BranchRow, since: datetime) -> Counter:
    """Of news since then: how long each was on its way, and how many a look into the journal had to find."""
    zone = branch.timezone or configuration.current(account_id).timezone
    waited, missed = [], 0
    for source, _, body, received_at in takeover_counters.messages(account_id, branch.id, since):
        told = past.state(HOOKS, body, zone) if source in (HOOKS, POLL) else None
        if told is None:
            continue
        if source == HOOKS:
            waited.append(max(0.0, (received_at - told.changed_at).total_seconds()))
        elif told.changed_at >= since:
            missed += 1
    return rules_of.lag(waited, missed)


def _errors(account_id: int, now: datetime) -> Counter:
    hours = hour_figures.last(now, account_id)
    asked = sum(hour.amo_requests + hour.yc_requests for hour in hours)
    return rules_of.errors(sum(hour.refused for hour in hours), asked)


# As plain data


def _written(counter: Counter) -> dict[str, Any]:
    return {
        "code": str(counter.code),
        "value": dict(counter.value),
        "is_green": counter.is_green,
        "exceptions": [asdict(one) for one in counter.exceptions],
    }


def _read(row: SnapshotRow) -> Snapshot:
    counters = tuple(
        Counter(
            Code(one["code"]), one["value"], one["is_green"], tuple(Odd(**odd) for odd in one["exceptions"])
        )
        for one in row.counters
    )
    return Snapshot(row.id, Moment(row.moment), row.taken_at, row.since, counters)
