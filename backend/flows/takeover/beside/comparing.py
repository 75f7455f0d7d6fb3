"""Bookings whose decision has settled, and those that wait for the other widget, compared and kept as rows of
the report. Nothing is written to the CRM.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.core.crm import Lead
from backend.core.salon import Booking
from backend.core.sync import journal
from backend.core.sync.links import Link
from backend.core.takeover import intents, shadow
from backend.core.takeover.intents import Action, Intent, State
from backend.core.takeover.shadow import ALIKE, Part
from backend.flows.takeover.beside import shadow_cases, shadow_pairs
from backend.flows.takeover.beside.shadow_cases import Compared, Look, Subject
from backend.flows.takeover.beside.shadow_pairs import Found
from backend.store import bookings, links, mirror, takeover_diffs, takeover_shadows
from backend.store.bookings import BookingRow
from backend.store.takeover_diffs import DiffRow
from backend.store.takeover_shadows import Decided

PATIENCE = timedelta(hours=24)  # so long the other widget may still come to what it has not done
AGAIN = timedelta(minutes=10)
DAY = timedelta(days=1)


def first(look: Look, decided: Mapping[str, datetime]) -> int:
    """Bookings whose newest decision has settled; returns how many were compared."""
    if not decided:
        return 0
    rows = bookings.by_keys(look.account_id, decided)
    said = takeover_shadows.decisions(look.account_id, decided)
    earlier = takeover_diffs.newest(look.account_id, decided)
    subjects = _gathered(look, {key: rows[key] for key in decided if key in rows}, said, earlier)
    takeover_diffs.give_up(row.id for row in earlier.values() if row.next_look_at is not None)
    _save(look, shadow_cases.judged(look, subjects))
    shadow_pairs.renew(look.account_id, (one.key for one in subjects if one.lead is not None))
    return len(subjects)


def again(look: Look, rows: Sequence[DiffRow], doubles: Mapping[str, Collection[int]] | None = None) -> int:
    """Comparisons in which the other widget had not done its part yet, or did too much: `doubles` are leads
    that came to light since.
    """
    if not rows:
        return 0
    seen = bookings.by_keys(look.account_id, (row.key for row in rows))
    linked, found = _leads_of(look, [row.key for row in rows])
    leads = _read(look, linked, found)
    subjects = []
    for row in rows:
        stored = dict(row.intent)
        before, others = stored["before"], set(stored["doubles"])
        others |= set(found[row.key].doubles if row.key in found else ())
        others |= set((doubles or {}).get(row.key, ()))
        subject = Subject(
            row.key, row.decided_at, _booking(seen[row.key]), intents.read(stored["intent"]),
            leads.get(row.key), linked.get(row.key), intents.read_state(before) if before else None,
            tuple(sorted(others)), row.compared_at, row.trait, row.decided_at - DAY,
        )  # fmt: skip
        subjects.append(subject)
    _save(look, shadow_cases.judged(look, subjects))
    shadow_pairs.renew(look.account_id, leads)
    return len(rows)


def unasked(look: Look, rows: Sequence[DiffRow], leads: Mapping[int, Lead]) -> None:
    """Leads that the other widget changed after they were compared, with no change of their booking."""
    seen = bookings.by_keys(look.account_id, (row.key for row in rows))
    linked = links.by_keys(look.account_id, seen)
    subjects = [
        Subject(
            row.key, leads[row.lead_id or 0].updated_at or look.now, _booking(seen[row.key]),
            Intent(Action.NOTHING, phase=seen[row.key].phase), leads[row.lead_id or 0], linked.get(row.key),
            intents.read_state(row.theirs), trait="nothing", since=row.looked_at,
        )
        for row in rows
    ]  # fmt: skip
    _save(look, [found for found in shadow_cases.judged(look, subjects) if found.parts])


# Facts


def _gathered(
    look: Look,
    rows: Mapping[str, BookingRow],
    said: Mapping[str, Decided],
    earlier: Mapping[str, DiffRow],
) -> list[Subject]:
    linked, found = _leads_of(look, list(rows))
    leads = _read(look, linked, found)
    subjects = []
    for key, row in rows.items():
        decided, booking, lead = said.get(key), _booking(row), leads.get(key)
        commands = [journal.command_from(one) for one in decided.commands] if decided else []
        intent = intents.of(key, commands, look.known, reason=row.reason or "", phase=str(booking.phase))
        before = _before(look, linked.get(key), lead, decided, earlier.get(key))
        doubles = found[key].doubles if key in found else ()
        trait = _trait(intent, earlier.get(key))
        subjects.append(
            Subject(key, row.updated_at, booking, intent, lead, linked.get(key), before, doubles, trait=trait)
        )
    return subjects


def _leads_of(look: Look, keys: Sequence[str]) -> tuple[dict[str, Link], dict[str, Found]]:
    """Bookings with a lead of their own, and what is found for the others; what is sure is adopted."""
    linked = links.by_keys(look.account_id, keys)
    bare = [key for key in keys if key not in linked]
    found = shadow_pairs.find(look.account_id, bare, look.rules, look.now)
    shadow_pairs.adopt(look.account_id, found.values(), look.now)
    return linked, found


def _read(look: Look, linked: Mapping[str, Link], found: Mapping[str, Found]) -> dict[str, Lead]:
    ids = {key: link.lead_id for key, link in linked.items()}
    ids |= {key: one.lead_id for key, one in found.items() if one.lead_id}
    leads = mirror.leads_by_ids(look.account_id, ids.values())
    return {
        key: leads[lead_id]
        for key, lead_id in ids.items()
        if lead_id in leads and not leads[lead_id].is_deleted
    }


def _before(
    look: Look, link: Link | None, lead: Lead | None, decided: Decided | None, earlier: DiffRow | None
) -> State | None:
    """The lead as it was last looked at, else as the decision saw it; None for one that is new to us."""
    if lead is None or link is None:
        return None
    if earlier is not None and earlier.lead_id == lead.id and earlier.theirs:
        return intents.read_state(earlier.theirs)
    known = decided.facts.get("lead") if decided else None
    if not known or known["id"] != lead.id:
        return intents.seen(lead, look.known)
    names = ("pipeline_id", "stage_id", "price", "responsible_id")
    return State(lead.id, *(known[name] for name in names))


def _booking(row: BookingRow) -> Booking:
    return journal.booking_from(json.loads(row.snapshot))


# Rows


def _save(look: Look, found: Iterable[Compared]) -> None:
    for one in found:
        takeover_diffs.save(_row(look, one), [_part(part) for part in one.parts])


def _row(look: Look, found: Compared) -> dict[str, Any]:
    one, intent, parts, theirs = found.subject, found.intent, found.parts, found.case.theirs
    found_at = one.first_at or look.now
    is_open = shadow.may_change(parts) and look.now - found_at < PATIENCE
    diff = shadow.classify(parts, is_first=one.first_at is None)
    acted = not shadow.may_change(parts) and intent.action is not Action.NOTHING
    stored = {
        "intent": intents.written(one.intent),
        "before": intents.written_state(one.before) if one.before else None,
        "doubles": list(one.doubles),
    }
    return {
        "account_id": look.account_id, "company_id": one.company_id, "key": one.key,
        "decided_at": one.decided_at, "compared_at": found_at, "looked_at": look.now,
        "next_look_at": look.now + max(AGAIN, (look.now - found_at) / 2) if is_open else None,
        "version": look.rules.version, "action": str(intent.action), "trait": one.trait,
        "diff": str(diff), "reason": intent.reason, "lead_id": one.lead.id if one.lead else None,
        "theirs": intents.written_state(theirs) if theirs else None, "intent": stored,
        "lag_seconds": shadow_cases.lag(found) if diff in ALIKE and acted else None, "acted": acted,
    }  # fmt: skip


def _trait(intent: Intent, earlier: DiffRow | None) -> str:
    """What kind of thing was asked for: by it the other widget's habits are known. It may have moved the lead
    before we came to it.
    """
    if intent.action in (Action.OPEN, Action.ATTACH):
        return f"open:{intent.direction}"
    if intent.action is Action.NOTHING:
        return "nothing"
    is_moved = earlier is not None and earlier.intent["intent"]["phase"] != intent.phase
    return f"move:{intent.phase}" if is_moved or intent.wanted.stage_id is not None else "edit"


def _part(part: Part) -> dict[str, Any]:
    return {
        "diff": str(part.diff), "rule": part.rule, "what": part.what,
        "ours": part.ours, "theirs": part.theirs,
    }  # fmt: skip
