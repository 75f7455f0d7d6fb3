"""Calls → the CRM: what has ended is looked at with fresh facts, decided, carried out and explained.

Answers «what happens after a call?» together with core/telephony/after/deciding.py: the rules are there, the
steps here, and what the rules may look at in facts.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from backend.core.crm_values import NewContact
from backend.core.errors import InvalidInput
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.telephony.after.commands import CallCommand, MakeLead, NoteCall
from backend.core.telephony.after.deciding import decide
from backend.core.telephony.after.facts import CallFacts
from backend.core.telephony.call import Call
from backend.core.telephony.rules import TelephonyRules
from backend.flows.rules import configuration, lead_fields
from backend.flows.sync import mirror, unsorted
from backend.flows.telephony.after import apply, companies, facts, hooks, known_since, missed, recover
from backend.flows.telephony.after.cases import CallCase, Heard, uniq_of
from backend.flows.telephony.recordings import recordings
from backend.flows.work import Work
from backend.integrations.amocrm.client import AmoClient
from backend.store.events import Closing, InboundEvent
from backend.store.telephony import calls
from backend.store.telephony.calls import CallRow

KIND, LANE = "call.ended", "calls"
ANEW = ("replay", known_since.SOURCE)  # whose events ask amoCRM again about what it refused
ROUNDS = 3  # the first, one after amoCRM knew nobody, and one for what that brings


def ended(work: Work) -> None:
    """The flow of `call.ended` events: everything due in one account's lane."""
    heard = _heard(work)
    if not heard:
        return
    client = work.amo()
    rules = _rules(work.account_id, client)
    fresh = _Fresh(work, client, rules)
    heard = recover.settle_cut_off(work, heard, client, rules)
    waves = deque(_waves(heard))
    while waves:
        left = waves.popleft()
        for _ in range(ROUNDS):
            cases, later = _one_of_each_client(fresh.decided(left))
            waves.extendleft([later] if later else [])
            left = [case.heard for case in apply.carry_out(work, cases, client, rules)]
            if not left:
                break
        for one in left:
            work.count_attempt(InvalidInput("calls.undecided"), one.events)


def _heard(work: Work) -> list[Heard]:
    """The newest event of each call with the older ones; a replayed call is asked about anew."""
    by_subject: dict[str, list[InboundEvent]] = {}
    for event in sorted(work.open.values(), key=lambda event: event.id):
        by_subject.setdefault(event.subject, []).append(event)
    rows = calls.by_uniqs(work.account_id, [uniq_of(subject) for subject in by_subject])
    heard = []
    for subject, events in by_subject.items():
        row = rows.get(uniq_of(subject))
        if row is None:  # it turned out to be a part of another call, which has its own event
            work.close([Closing(event.id, "superseded") for event in events])
            continue
        if any(event.source in ANEW for event in events) and row.crm:
            row.crm = {**row.crm, "is_refused": False, "company_id": None}
        heard.append(Heard(events[-1], tuple(events[:-1]), row))
    return heard


def _rules(account_id: int, client: AmoClient) -> BookingRules:
    """The rules in force. Without our key field no lead could be found again: a deleted one is made anew."""
    rules = configuration.load(account_id)
    if rules.configuration.telephony.is_on and FieldName.KEY not in rules.field_ids:
        lead_fields.repair_key(account_id, client, rules.configuration)
        rules = configuration.load(account_id)
    return rules


def _waves(heard: Iterable[Heard]) -> list[list[Heard]]:
    """Calls of one client follow one another, so that the second sees what became of the first."""
    waves: list[list[Heard]] = []
    seen: dict[str, int] = {}
    for one in sorted(heard, key=lambda one: (one.row.began_at, one.row.id)):
        client = _client(one.row)
        position = seen.get(client, 0)
        seen[client] = position + 1
        if position == len(waves):
            waves.append([])
        waves[position].append(one)
    return waves


def _one_of_each_client(cases: Sequence[CallCase]) -> tuple[list[CallCase], list[Heard]]:
    """Added functions may have brought calls of several numbers to one client: what waits for the first."""
    first: dict[str, CallCase] = {}
    for case in cases:
        first.setdefault(_client(case.heard.row), case)
    return list(first.values()), [case.heard for case in cases if first[_client(case.heard.row)] is not case]


def _client(row: CallRow) -> str:
    return row.client_key or row.uniq


@dataclass
class _Fresh:
    """Decisions upon facts that are as fresh as they need be: the CRM is asked only where a wrong fact costs
    a duplicate, and once in a batch.
    """

    work: Work
    client: AmoClient
    rules: BookingRules
    read: set[str] = field(default_factory=set)
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tasks: dict[int, bool] = field(default_factory=dict)
    said: dict[tuple[object, ...], CallFacts] = field(default_factory=dict)

    def decided(self, heard: Sequence[Heard]) -> list[CallCase]:
        cases = self._decide(heard)
        if self._wants(mirror.CONTACTS, any(companies.makes_person(one) for one in _commands(cases))):
            mirror.refresh(self.work.account_id, mirror.CONTACTS, self.client)
            unsorted.look(self.work, self.client, self.rules)
            cases = self._decide(heard)
        unsure = [one for one in cases if any(map(companies.is_to_be_asked, one.decision.commands))]
        if companies.look(self.work, self.client, unsure):
            cases = self._decide(heard)
        if self._wants(mirror.LEADS, any(_is_of_leads(one) for one in _commands(cases))):
            mirror.refresh(self.work.account_id, mirror.LEADS, self.client)
            cases = self._decide(heard)
        return cases

    def _wants(self, collection: str, is_needed: bool) -> bool:
        is_wanted = is_needed and collection not in self.read
        if is_wanted:
            self.read.add(collection)
        return is_wanted

    def _decide(self, heard: Sequence[Heard]) -> list[CallCase]:
        account_id, now = self.work.account_id, self.work.ctx.now()
        telephony = self._telephony
        rows = [one.row for one in heard]
        gathered = facts.gather(account_id, rows, now, self.rules)
        if telephony.is_on:
            gathered = self._hooked(rows, gathered)
            gathered = missed.with_open_tasks(self.work, gathered, self.client, telephony, self.tasks)
            gathered = [replace(known, links=self._links(known.call)) for known in gathered]
        return [
            CallCase(one, known, decide(known, telephony)) for one, known in zip(heard, gathered, strict=True)
        ]

    def _hooked(self, rows: Sequence[CallRow], gathered: Sequence[CallFacts]) -> list[CallFacts]:
        """With what added functions say, asked once about the same; whose number is another one is looked up
        again.
        """
        news = [known for known in gathered if _key(known) not in self.said]
        heard = hooks.asked(self.work.ctx, self.work.account_id, news, self._telephony)
        self.said |= {_key(known): told for known, told in zip(news, heard, strict=True)}
        told = [self.said[_key(known)] for known in gathered]
        other = {
            one.call.uniq: one.hooked.number for one in told if one.hooked.number not in ("", one.number)
        }
        for row in rows:  # a task is that client's whom the call is about
            row.client_key = other.get(row.uniq, row.client_key)
        if other:
            gathered = facts.gather(self.work.account_id, rows, self.work.ctx.now(), self.rules, other)
        return [
            replace(known, call=said.call, hooked=said.hooked)
            for known, said in zip(gathered, told, strict=True)
        ]

    def _links(self, call: Call) -> tuple[str, ...]:
        if call.uniq not in self.links:
            found = recordings.links(self.work.ctx, self.work.account_id, call, self._telephony)
            self.links[call.uniq] = found
        return self.links[call.uniq]

    @property
    def _telephony(self) -> TelephonyRules:
        return self.rules.configuration.telephony


def _key(known: CallFacts) -> tuple[object, ...]:
    """What an added function may look at."""
    leads = tuple(lead.id for lead in known.open_leads)
    contact = known.contact.id if known.contact else None
    return known.call.uniq, contact, known.responsible_id, leads


def _commands(cases: Iterable[CallCase]) -> Iterable[CallCommand]:
    return (command for case in cases for command in case.decision.commands)


def _is_of_leads(command: CallCommand) -> bool:
    """A lead for somebody known, or notes in all their leads: one may have been opened a moment ago."""
    if isinstance(command, NoteCall):
        return command.entity_id is not None
    return isinstance(command, MakeLead) and not isinstance(command.contact, NewContact)
