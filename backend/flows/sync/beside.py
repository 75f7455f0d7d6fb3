"""What writing for a salon asks for that moves from another widget: its own marks on the leads stay filled,
and what the two of us fought over is left alone. Salons that never moved pass through untouched.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.errors import TryLater
from backend.core.rules.configuration import BookingRules, FieldName, Mode
from backend.core.salon import DEFAULT_ZONE
from backend.core.sync.commands import AddNote, Command, CreateLead, Decision, FieldValue, UpdateLead
from backend.core.takeover import compat, conflicts, recognition, undo
from backend.core.takeover.compat import Marks, Terms
from backend.core.takeover.pairing import State
from backend.core.takeover.recognition import Recognition
from backend.flows.rules import schemas
from backend.flows.sync.cases import Case
from backend.flows.work import Work
from backend.store import foreign_writes, links, mirror, takeover_pairs, takeover_profiles
from backend.store.foreign_writes import CREATIONS

HELD, DOUBTED = "takeover.creations_held", "takeover.lead_doubted"
AGAIN = timedelta(minutes=10)


def prepared(work: Work, cases: Sequence[Case], rules: BookingRules) -> list[Case]:
    """The cases that go on now, with what belongs to the other widget beside our own."""
    moving = [case for case in cases if _is_moving(case)]
    if not moving:
        return list(cases)
    stopped = foreign_writes.stopped(work.account_id)
    held = {company for company, _, what in stopped if what == CREATIONS}
    frozen = {(lead_id, what) for _, lead_id, what in stopped if lead_id}
    doubted = _doubted(work.account_id, moving)
    known = _recognised(work.account_id)
    types = _types(work.account_id) if known.places else {}
    found = []
    for case in cases:
        if not _is_moving(case):
            found.append(case)
        elif case.facts.booking.branch_id in held and _creates(case.decision):
            _hold(work, case, HELD)
        elif case.facts.booking.key in doubted:
            _hold(work, case, DOUBTED)
        else:
            found.append(_with(case, known, types, rules, frozen))
    return found


def _is_moving(case: Case) -> bool:
    return case.fence is not None and case.mode is Mode.ACTIVE and bool(case.decision.commands)


def _creates(decision: Decision) -> bool:
    return any(isinstance(command, CreateLead) for command in decision.commands)


def _doubted(account_id: int, moving: Sequence[Case]) -> set[str]:
    """Bookings whose lead the other widget may have made, while nobody has said so or the link is not there
    yet: they wait instead of getting a second one.
    """
    keys = [case.facts.booking.key for case in moving if _creates(case.decision)]
    rows = [row for found in takeover_pairs.of_booking(account_id, keys).values() for row in found]
    open_ones = [row for row in rows if row.state in (State.PROPOSED, State.ACCEPTED)]
    ids = {row.lead_id for row in open_ones}
    taken = links.holders(account_id, ids)
    alive = {i for i, lead in mirror.leads_by_ids(account_id, ids).items() if not lead.is_deleted}
    return {row.key for row in open_ones if row.lead_id in alive - taken.keys()}


def _hold(work: Work, case: Case, why: str) -> None:
    events = [case.reading.event.id, *(event.id for event in case.reading.older)]
    work.dispose(TryLater(why, after=AGAIN), events)


def _recognised(account_id: int) -> Recognition:
    return recognition.read(takeover_profiles.recognised(account_id))


def _types(account_id: int) -> dict[int, str]:
    try:
        return {field.id: field.type for field in schemas.load(account_id).lead_fields}
    except TryLater:  # not read yet: texts then
        return {}


def _with(
    case: Case,
    known: Recognition,
    types: dict[int, str],
    rules: BookingRules,
    frozen: Collection[tuple[int, str]],
) -> Case:
    booking = case.facts.booking
    branch = rules.configuration.branch(booking.branch_id)
    zone, salon = (branch.timezone, branch.title) if branch else (None, "")
    terms = Terms(zone or DEFAULT_ZONE, salon, frozenset(rules.field_ids.values()), types)
    marks = compat.marks(booking, known, terms)
    commands: list[Command] = []
    for command in case.decision.commands:
        whole = conflicts.without(command, frozen)
        commands += _filled(whole, case, marks, rules, types)
    return replace(case, decision=replace(case.decision, commands=tuple(commands)))


def _filled(
    command: Command, case: Case, marks: Marks, rules: BookingRules, types: dict[int, str]
) -> list[Command]:
    """The other widget has one lead for a booking: our main one."""
    if isinstance(command, CreateLead) and _is_main(command, case):
        return [_made(command, marks), *(AddNote(command.key, None, text) for text in marks.notes)]
    if isinstance(command, UpdateLead) and _is_main(command, case):
        if _is_given_up(command, rules):
            return [_cleared(command, case, marks)]
        told = marks.notes if command.attaches is not None else ()
        return [
            _updated(command, case, marks, types),
            *(AddNote(command.key, command.lead_id, text) for text in told),
        ]
    return [command]


def _is_main(command: CreateLead | UpdateLead, case: Case) -> bool:
    return command.key == case.facts.booking.key and not command.share


def _is_given_up(command: UpdateLead, rules: BookingRules) -> bool:
    """It loses our key, so it is to lose the other widget's mark of this booking too."""
    key_field = rules.field_ids.get(FieldName.KEY)
    return any(one.field_id == key_field and one.value is None for one in command.fields)


def _made(command: CreateLead, marks: Marks) -> CreateLead:
    missing = _missing(command, marks)
    return replace(
        command,
        fields=(*command.fields, *(FieldValue(i, text) for i, text in missing.items())),
        tags=(*command.tags, *(tag for tag in marks.tags if tag not in command.tags)),
        remembers=(*command.remembers, *_remembered(missing)),
    )


def _updated(command: UpdateLead, case: Case, marks: Marks, types: dict[int, str]) -> UpdateLead:
    """Only what changed since we wrote it last and does not stand there already: a person's word survives."""
    lead, link = _lead(command, case), case.facts.link
    applied = link.applied if link and command.attaches is None else {}
    changed = {
        field_id: text
        for field_id, text in _missing(command, marks).items()
        if applied.get(f"{undo.FIELD}{field_id}") != text
        and not (lead and undo.same("\n".join(lead.values(field_id)), text, types.get(field_id, "")))
    }
    is_new = command.attaches is not None
    tags = [tag for tag in marks.tags if is_new and tag not in (*command.tags, *(lead.tags if lead else ()))]
    return replace(
        command,
        fields=(*command.fields, *(FieldValue(i, text) for i, text in changed.items())),
        tags=(*command.tags, *tags),
        remembers=(*command.remembers, *_remembered(changed)),
    )


def _cleared(command: UpdateLead, case: Case, marks: Marks) -> UpdateLead:
    lead = _lead(command, case)
    there = [field_id for field_id, text in marks.fields.items() if lead and text in lead.values(field_id)]
    return replace(command, fields=(*command.fields, *(FieldValue(i, None) for i in there)))


def _missing(command: CreateLead | UpdateLead, marks: Marks) -> dict[int, str]:
    own = {one.field_id for one in command.fields}
    return {field_id: text for field_id, text in marks.fields.items() if field_id not in own}


def _lead(command: UpdateLead, case: Case) -> Lead | None:
    facts = case.facts
    known = [facts.lead, facts.keyed, *(one.lead for one in facts.candidates)]
    return next((lead for lead in known if lead is not None and lead.id == command.lead_id), None)


def _remembered(texts: dict[int, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{undo.FIELD}{field_id}", text) for field_id, text in texts.items())
