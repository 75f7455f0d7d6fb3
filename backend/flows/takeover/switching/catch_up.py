"""What happened around a switch: the leads that the other widget made last are taken over, and bookings whose
leads do not show what they should go the ordinary road. Nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from backend.core.salon import DEFAULT_ZONE
from backend.core.takeover import cutover as way
from backend.core.takeover.pairing import State
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.reading import found
from backend.integrations import BOOKING_SOURCES
from backend.store import bulk, events, lanes, links, takeover_counters, takeover_found
from backend.store import mirror as index
from backend.store.connections import BranchRow
from backend.store.cutovers import Cutover
from backend.store.events import NewEvent

SOURCE = "takeover"  # of the events that a catch-up makes
KIND = "yclients.record"
RECENT = timedelta(days=30)  # visits of before are history


@dataclass(frozen=True, slots=True)
class Asked:
    """What a catch-up found: `adopted` leads, `equal` bookings whose leads are as they should be, `asked`
    that are decided again, `held` whose lead a person has to name first.
    """

    records: int
    adopted: int
    equal: int
    held: int
    asked: tuple[str, ...]


def adopt(
    ctx: Context, account_id: int, company_id: int, since: datetime, keep_alive: KeepAlive = nothing
) -> int:
    """Leads that the other widget keeps for bookings without one become ours to follow; returns how many."""
    read(ctx, account_id, hook_lists.branch_of(account_id, company_id), since, keep_alive)
    done = adoption.adopt(ctx, account_id, company_id)
    keep_alive()
    unlinked = _without_lead(account_id, company_id, ctx.now() - RECENT)
    return done + len(_paired(ctx, account_id, unlinked)[0])


def ask(ctx: Context, one: Cutover, keep_alive: KeepAlive = nothing) -> Asked:
    """Only differences between what should be and what is are written: a booking is decided again when its
    lead lags behind, or when it has none and nobody else has one for it.
    """
    account_id, company_id = one.account_id, one.company_id
    branch, t0 = hook_lists.branch_of(account_id, company_id), one.t0 or ctx.now()
    changed = read(ctx, account_id, branch, t0, keep_alive)
    client = ctx.amo(account_id, keep_alive)
    for name in (mirror.CONTACTS, mirror.LEADS):
        mirror.refresh(account_id, name, client)
    unlinked = _without_lead(account_id, company_id, ctx.now() - RECENT)
    adopted, held = _paired(ctx, account_id, unlinked)
    keep_alive()
    mine = _left_by_people(account_id, changed)
    late = set(adoption.catch_up(account_id, [key for key in changed if key not in mine]))
    alone = [key for key in unlinked if key not in adopted and key not in held]
    adoption.renew(account_id, [key for key in changed if key not in late])
    asked = tuple(sorted({*late, *alone}))
    _store(ctx, one, branch, asked)
    return Asked(len(changed), len(adopted), len(changed) - len({*asked} & {*changed}), len(held), asked)


def read(
    ctx: Context, account_id: int, branch: BranchRow, since: datetime, keep_alive: KeepAlive
) -> list[str]:
    """What the salon changed since a day before, deleted bookings too, kept as discovery keeps it. Their
    keys are returned.
    """
    client = ctx.yclients(account_id, branch.company_id, keep_alive)
    rows = client.records(branch.company_id, changed_after=since - way.CATCH_UP_BACK)
    seen: list[str] = []
    for chunk in bulk.chunks(rows):
        records = found.of_rows(account_id, chunk, branch.timezone or DEFAULT_ZONE).records
        takeover_found.save_many(account_id, records)
        seen += [record.key for record in records]
    return seen


def _without_lead(account_id: int, company_id: int, since: datetime) -> list[str]:
    keys = [record.key for record in takeover_counters.found_since(account_id, company_id, since)]
    linked = links.by_keys(account_id, keys)
    return [key for key in keys if key not in linked]


def _paired(ctx: Context, account_id: int, keys: Sequence[str]) -> tuple[set[str], set[str]]:
    """The existence check before any creation: bookings whose lead was found and taken over, and bookings of
    which only a person can say whether a lead is theirs.
    """
    if not keys:
        return set(), set()
    pairs = matching.find(account_id, keys, configuration.load(account_id), ctx.now())
    adopted = set(adoption.take(account_id, pairs, ctx.now()))
    open_ones = {pair.key for pair in pairs if pair.state is State.PROPOSED}
    return adopted, open_ones - adopted


def _left_by_people(account_id: int, keys: Collection[str]) -> set[str]:
    """Bookings whose lead a person has worked on since they changed: it stays as they left it."""
    held = links.by_keys(account_id, keys)
    leads = index.leads_by_ids(account_id, [link.lead_id for link in held.values()])
    authors = recognition.load(account_id).writer_ids
    records = takeover_found.by_keys(account_id, held, with_body=False)
    return {
        key
        for key, link in held.items()
        if (lead := leads.get(link.lead_id))
        and key in records
        and way.is_left_by_person(lead, records[key].changed_at, authors)
    }


def _store(ctx: Context, one: Cutover, branch: BranchRow, keys: Iterable[str]) -> None:
    """Once for each switch, however often it is cut."""
    told = BOOKING_SOURCES["yclients"].told
    for chunk in bulk.chunks(keys):
        records = takeover_found.by_keys(one.account_id, chunk)
        new = [
            NewEvent(
                one.account_id, branch.id, lanes.BOOKINGS, key, SOURCE, KIND, f"cutover:{one.id}:{key}",
                told(branch.company_id, json.loads(records[key].body, parse_float=Decimal)).body,
            )
            for key in chunk
        ]  # fmt: skip
        events.record_many(ctx.now(), new)
    ctx.ring(lanes.lane_id(one.account_id, lanes.BOOKINGS))
