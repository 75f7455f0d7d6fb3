"""After a cut: what became of commands about calls that were planned, perhaps sent, and never settled?

Asked before such a call is decided again: a contact is looked for by its number, a lead by our key, a call in
the CRM by its `uniq`, a task by its text. What is found is settled as done; the rest is free to be planned
anew. What changes nothing when it is done twice is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from backend.core import phones
from backend.core.errors import TryLater
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CallCommand,
    CloseMissedTask,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    key_of,
)
from backend.core.telephony.rules import Entity
from backend.flows.sync import mirror
from backend.flows.telephony.after import answers, facts, planned
from backend.flows.telephony.after.cases import Heard, uniq_of
from backend.flows.work import Work
from backend.integrations.amocrm import calls_read, companies
from backend.integrations.amocrm.calls_read import CallNote
from backend.integrations.amocrm.calls_sent import Outcome
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.companies import Company
from backend.store import mirror as index
from backend.store import outbox
from backend.store.outbox import OutboxCommand, Settled
from backend.store.telephony import calls, settling
from backend.store.telephony.settling import Answered

IN_DOUBT = (*planned.PEOPLE, AddMissedTask.__name__)
CLOCK_SKEW = timedelta(minutes=15)  # between our clock and amoCRM's


def settle_cut_off(work: Work, heard: Sequence[Heard], client: AmoClient, rules: BookingRules) -> list[Heard]:
    """Before these calls are decided again: finds out and settles; returns those that may go on now."""
    others = {subject for subjects in _doubts(work, heard).values() for subject in subjects}
    rows = outbox.unfinished(work.account_id, {one.event.subject for one in heard} | others)
    if not rows:
        return list(heard)
    try:
        _wait_until_certain(work, rows)
        _settle(work, rows, client, rules)
    except TryLater as error:
        cut = {row.subject for row in rows}
        heard = _hold(work, heard, error, lambda one: one.event.subject in cut)
    in_doubt = _doubts(work, heard)
    uncertain = TryLater("amocrm.uncertain", after=_patience(work))
    return _refreshed(work, _hold(work, heard, uncertain, lambda one: one.row.client_key in in_doubt))


def _doubts(work: Work, heard: Sequence[Heard]) -> dict[str, set[str]]:
    """Of the clients who called: other calls of theirs that may have made a person or a task unheard."""
    subjects = outbox.in_doubt(work.account_id, IN_DOUBT)
    clients = {one.row.client_key for one in heard} - {""}
    found: dict[str, set[str]] = {}
    rows = calls.by_uniqs(work.account_id, [uniq_of(subject) for subject in subjects]) if subjects else {}
    for row in rows.values():
        if row.client_key in clients:
            found.setdefault(row.client_key, set()).add(key_of(row.uniq))
    return found


def _hold(
    work: Work, heard: Sequence[Heard], error: TryLater, is_held: Callable[[Heard], bool]
) -> list[Heard]:
    """A creation without an answer holds back its call, and other calls of a person it may have made."""
    for one in heard:
        if is_held(one):
            work.dispose(error, one.events)
    return [one for one in heard if not is_held(one)]


def _refreshed(work: Work, heard: Sequence[Heard]) -> list[Heard]:
    """With what their rows know after the settlement."""
    rows = calls.by_uniqs(work.account_id, [one.row.uniq for one in heard])
    return [Heard(one.event, one.older, rows[one.row.uniq]) for one in heard]


def _patience(work: Work) -> timedelta:
    return timedelta(seconds=work.ctx.settings.uncertain_seconds)


def _wait_until_certain(work: Work, rows: Iterable[OutboxCommand]) -> None:
    """A request that timed out may still be committed by amoCRM a little later: do not look too early."""
    age = work.ctx.now() - max(row.planned_at for row in rows)
    if age < _patience(work):
        raise TryLater("amocrm.uncertain", after=_patience(work) - age)


def _settle(work: Work, rows: Sequence[OutboxCommand], client: AmoClient, rules: BookingRules) -> None:
    """In the order of the plan, call by call: what is found early says where to look for the rest."""
    known = calls.by_uniqs(work.account_id, {row.payload["uniq"] for row in rows})
    commands = {row.id: planned.command(row.payload) for row in rows}
    search = _Search(work, client, rules, min(row.planned_at for row in rows) - CLOCK_SKEW)
    search.prepare(commands.values())
    for row in rows:
        call, command = known.get(row.payload["uniq"]), commands[row.id]
        outcome = search.outcome(row.id, command, call.crm or {}) if call else None
        answered = Answered()
        if outcome is None or call is None:
            answered.results[row.id] = Settled("failed", None, "not found in the CRM", is_doubtful=True)
        else:
            answers.note(answered, call, command, outcome, search.incoming_stages)
            call.crm = answered.crm.get(call.uniq, call.crm)
        settling.settle(work.lease, answered, work.ctx.now())


class _Search:
    """What the CRM has of these commands. Each list is read once."""

    def __init__(self, work: Work, client: AmoClient, rules: BookingRules, since: datetime) -> None:
        self.work, self.client, self.since = work, client, since
        self.key_field = rules.field_ids.get(FieldName.KEY)
        self.incoming_stages = facts.incoming_stages(work.account_id)
        self.leads: dict[str, tuple[int, int | None]] = {}
        self.incoming: Mapping[str, calls_read.Waiting] = {}
        self.tasks: Sequence[calls_read.MadeTask] = ()
        self.notes: dict[tuple[Entity, int], tuple[CallNote, ...]] = {}
        self.companies: dict[str, tuple[Company, ...]] = {}

    def prepare(self, commands: Iterable[CallCommand]) -> None:
        wanted = list(commands)
        if any(isinstance(one, MakeContact | MakeLead | MakeIncoming | LogCall) for one in wanted):
            mirror.refresh(self.work.account_id, mirror.CONTACTS, self.client)
            mirror.refresh(self.work.account_id, mirror.LEADS, self.client)
        if any(isinstance(one, MakeLead | MakeIncoming) for one in wanted):
            self._read_leads()
        if any(isinstance(one, MakeIncoming) for one in wanted):
            facts.learn_incoming(self.work.account_id, self.client, wanted)
            self.incoming_stages = facts.incoming_stages(self.work.account_id)
            self.incoming = calls_read.waiting(self.client)
        if any(isinstance(one, AddMissedTask) for one in wanted):
            self.tasks = calls_read.tasks_since(self.client, self.since)

    def _read_leads(self) -> None:
        for lead in self.client.leads_created_since(self.since):
            for key in lead.values(self.key_field):
                # The oldest of several is the first that was made: the list runs from new to old.
                self.leads[key] = (lead.id, lead.contact_ids[0] if lead.contact_ids else None)

    def outcome(self, row_id: int, command: CallCommand, crm: settling.Crm) -> Outcome | None:
        """None: it did not happen, as far as anybody can tell."""
        match command:
            case MakeContact():
                contact_id = self._contact(command.contact.keys)
                return Outcome(row_id, contact_id=contact_id) if contact_id else None
            case MakeLead():
                lead_id, contact_id = self.leads.get(command.key, (None, None))
                return Outcome(row_id, lead_id=lead_id, contact_id=contact_id) if lead_id else None
            case MakeIncoming():
                return self._incoming(row_id, command)
            case LogCall():
                return self._logged(row_id, command, crm)
            case NoteCall():
                return self._noted(row_id, command, crm)
            case AddMissedTask():
                task_id = self._task(command, crm)
                return Outcome(row_id, made_id=task_id) if task_id else None
            case CloseMissedTask():
                is_open = calls_read.is_task_open(self.client, command.task_id)
                return None if is_open else Outcome(row_id, made_id=command.task_id, gone=is_open is None)
            case _:  # repeating these does no harm
                return None

    def _contact(self, keys: Iterable[str]) -> int | None:
        found = index.contacts_by_keys(self.work.account_id, keys)
        return next((some[0].id for some in found.values()), None)

    def _incoming(self, row_id: int, command: MakeIncoming) -> Outcome | None:
        """Waiting there; or somebody has accepted it meanwhile, and the lead carries our key."""
        if (one := self.incoming.get(command.uniq)) is not None:
            return Outcome(row_id, uid=one.uid, lead_id=one.lead_id, contact_id=one.contact_id)
        lead_id, contact_id = self.leads.get(key_of(command.uniq), (None, None))
        return Outcome(row_id, lead_id=lead_id, contact_id=contact_id) if lead_id else None

    def _logged(self, row_id: int, command: LogCall, crm: settling.Crm) -> Outcome | None:
        """amoCRM chose the place: the contact or the company with this number, or one of its leads."""
        key = phones.key(command.logged.number)
        people = index.contacts_by_keys(self.work.account_id, [key] if key else []).get(key or "", ())
        leads = index.leads_of(self.work.account_id, [one.id for one in people])
        places = [(Entity.CONTACT, one.id) for one in people]
        places += [(Entity.LEAD, lead.id) for some in leads.values() for lead in some if not lead.is_deleted]
        if lead_id := crm.get("lead_id"):
            places.append((Entity.LEAD, lead_id))
        found = self._note_in(row_id, places, command.uniq)
        return found or self._note_in(row_id, self._in_companies(command.logged.number), command.uniq)

    def _in_companies(self, number: str) -> list[tuple[Entity, int]]:
        """With the leads they have now: since the call was decided another one may have made one there."""
        if number not in self.companies:
            self.companies[number] = companies.all_with_number(self.client, number)
        known = self.companies[number]
        leads = [(Entity.LEAD, lead_id) for company in known for lead_id in company.lead_ids]
        return [*((Entity.COMPANY, company.id) for company in known), *leads]

    def _noted(self, row_id: int, command: NoteCall, crm: settling.Crm) -> Outcome | None:
        entity_id = command.entity_id or _made(crm, command.entity)
        return self._note_in(row_id, [(command.entity, entity_id)] if entity_id else [], command.uniq)

    def _note_in(self, row_id: int, places: Iterable[tuple[Entity, int]], uniq: str) -> Outcome | None:
        for place in places:
            if place not in self.notes:
                self.notes[place] = calls_read.notes_of(self.client, *place)
            for note in self.notes[place]:
                if note.uniq == uniq:
                    return Outcome(row_id, entity=place[0], entity_id=place[1], made_id=note.id)
        return None

    def _task(self, command: AddMissedTask, crm: settling.Crm) -> int | None:
        entity_id = command.entity_id or _made(crm, command.entity)
        due = int(command.due.timestamp())
        fits = (
            task.id
            for task in self.tasks
            if (task.text, task.due, task.entity_id) == (command.text, due, entity_id)
        )
        return min(fits, default=None)


def _made(crm: settling.Crm, entity: Entity | None) -> int | None:
    """What the same plan made, or found to be made, a step earlier."""
    if entity is Entity.LEAD:
        return crm.get("lead_id") or crm.get("incoming_lead_id")
    return crm.get("contact_id") if entity is Entity.CONTACT else None
