"""The call in the cards of the CRM: placed by amoCRM itself, or as notes of ours. Never twice."""

from __future__ import annotations

from collections.abc import Iterator

from backend.core.telephony.after import meaning, people, wording
from backend.core.telephony.after.commands import CallCommand, LogCall, Logged, NoteCall
from backend.core.telephony.after.facts import CallFacts, Why
from backend.core.telephony.rules import Entity, LogAs, TelephonyRules

Target = tuple[Entity, int | None]


def log(facts: CallFacts, rules: TelephonyRules, made: frozenset[Entity]) -> Iterator[CallCommand | Why]:
    """`made`: what the same plan makes just before."""
    written, is_notes = facts.written, rules.log is LogAs.NOTES
    if written.incoming or written.is_logged or (written.notes and not is_notes):
        return
    everywhere = _everywhere(facts, made)
    if facts.incoming_lead is not None and facts.contact is None and not made:
        yield from _notes(facts, rules, [(Entity.LEAD, facts.incoming_lead)], "incoming")
    elif is_notes and (everywhere or written.notes):
        yield from _notes(facts, rules, everywhere, "notes")
    elif not written.is_refused:
        yield Why("log", "call")
        yield LogCall(facts.call.uniq, record(facts, rules))
    else:
        yield from _notes(facts, rules, _somewhere(everywhere), "refused")


def record(facts: CallFacts, rules: TelephonyRules) -> Logged:
    call, user = facts.call, people.of_call(facts, rules)
    phone = call.last_talker or call.operator or next(iter(call.rung), "")
    return Logged(
        way=call.way,
        number=wording.phone(facts, rules),
        at=call.began_at,
        seconds=int(call.talk.total_seconds()),
        status=meaning.crm_status(call, rules),
        user_id=user,
        who="" if user else phone,
        link=facts.links[0] if facts.links else "",
        result=_result(facts),
    )


def _result(facts: CallFacts) -> str:
    parts = [wording.LOST] if facts.call.lost_after_transfer else []
    more = (f"Запись {place}: {link}" for place, link in enumerate(facts.links[1:], 2))
    return "\n".join((*parts, *more))


def _notes(
    facts: CallFacts, rules: TelephonyRules, targets: list[Target], chosen: str
) -> Iterator[CallCommand | Why]:
    """One note stands for the call, the others are copies: statistics count it once, robots start once."""
    missing, main = [one for one in targets if one not in facts.written.notes], _main(facts, targets)
    if missing:
        yield Why("log", chosen, (("n", str(len(targets))),))
    for target in missing:
        yield NoteCall(facts.call.uniq, *target, record(facts, rules), counts=target == main)


def _main(facts: CallFacts, targets: list[Target]) -> Target | None:
    """Where amoCRM would have put the call: the only lead, else the contact. The same one after a cut."""
    leads = {one for one in (*targets, *facts.written.notes) if one[0] is Entity.LEAD}
    if len(leads) == 1:
        return leads.pop()
    return next(iter(targets), None)


def _everywhere(facts: CallFacts, made: frozenset[Entity]) -> list[Target]:
    """The contact, or the company, and all its open leads that were there during the call, or came of it."""
    found: list[Target] = []
    if facts.contact is not None:
        found.append((Entity.CONTACT, facts.contact.id))
    elif Entity.CONTACT in made:
        found.append((Entity.CONTACT, None))
    elif facts.company_id is not None:
        found.append((Entity.COMPANY, facts.company_id))
    found += [(Entity.LEAD, lead.id) for lead in facts.leads_then]
    if Entity.LEAD in made:
        found.append((Entity.LEAD, None))
    return found


def _somewhere(everywhere: list[Target]) -> list[Target]:
    """amoCRM did not find the number: where it would have put the call itself."""
    leads = [one for one in everywhere if one[0] is Entity.LEAD]
    return leads if len(leads) == 1 else [one for one in everywhere if one[0] is not Entity.LEAD]
