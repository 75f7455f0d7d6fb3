"""Leads that the other widget made or changed although no booking told us to expect it: second leads of one
booking, moves by its own timers, bookings that we have never heard of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.salon import branch_of
from backend.core.sync.links import Link
from backend.core.takeover.sides import Reader
from backend.flows.takeover.beside import comparing
from backend.flows.takeover.beside.shadow_cases import Look
from backend.store import bookings, drifts, links, mirror, takeover_diffs

TOGETHER = timedelta(minutes=2)  # two leads of one person made by a machine so close are one booking's


def look_at(look: Look, lead_ids: Sequence[int], salons: frozenset[int]) -> None:
    """A portion of changed leads. Without knowing who writes for the other widget nothing can be told."""
    writers = look.marks.writer_ids
    leads = {
        lead_id: lead
        for lead_id, lead in mirror.leads_by_ids(look.account_id, lead_ids).items()
        if lead.updated_by in writers or lead.created_by in writers
    }
    held = links.holders(look.account_id, leads)
    _moved(look, leads, held, salons)
    _second(look, [lead for lead_id, lead in leads.items() if lead_id not in held], salons)


def _moved(look: Look, leads: dict[int, Lead], held: dict[int, Link], salons: frozenset[int]) -> None:
    """Compared already, and not what it was then."""
    mine = {link.key: lead_id for lead_id, link in held.items() if branch_of(link.key) in salons}
    compared = takeover_diffs.newest(look.account_id, mine)
    decided = bookings.by_keys(look.account_id, compared)
    busy = drifts.busy(look.account_id, list(compared))
    quiet = [
        row
        for key, row in compared.items()
        if row.lead_id == mine[key] and row.theirs and row.next_look_at is None and key not in busy
        and key in decided and decided[key].updated_at <= row.decided_at
        and leads[mine[key]].updated_by in look.marks.writer_ids
    ]  # fmt: skip
    comparing.unasked(look, quiet, leads)


def _second(look: Look, leads: Sequence[Lead], salons: frozenset[int]) -> None:
    """Made by the other widget, and nobody's: a second lead of a booking, or one that came late."""
    made = [lead for lead in leads if lead.created_by in look.marks.writer_ids]
    doubles: dict[str, list[int]] = {}
    late: set[str] = set()
    for lead in made:
        for key in _bookings_of(look, lead, salons):
            known = links.by_keys(look.account_id, [key]).get(key)
            if known is None:
                late.add(key)
            elif known.lead_id != lead.id:
                doubles.setdefault(key, []).append(lead.id)
    rows = takeover_diffs.newest(look.account_id, {*doubles, *late})
    comparing.again(look, list(rows.values()), doubles)


def _bookings_of(look: Look, lead: Lead, salons: frozenset[int]) -> Iterable[str]:
    """By the booking's number where it is marked, else by its person and the moment it was made."""
    titles = {branch.title: branch.company_id for branch in look.rules.configuration.branches}
    named = Reader(look.marks, titles).deal(lead, ()).named
    keys = [f"yclients:{company}:{one.record_id}" for one in named for company in salons]
    if keys:
        return bookings.by_keys(look.account_id, keys)
    theirs = [
        one.id
        for of_contact in mirror.leads_of(look.account_id, lead.contact_ids).values()
        for one in of_contact
        if one.id != lead.id and _is_beside(one, lead)
    ]
    return {
        link.key for link in links.holders(look.account_id, theirs).values() if branch_of(link.key) in salons
    }


def _is_beside(one: Lead, other: Lead) -> bool:
    if one.created_at is None or other.created_at is None:
        return False
    return one.created_by == other.created_by and abs(one.created_at - other.created_at) <= TOGETHER
