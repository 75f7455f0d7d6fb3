"""Whose a call is: who talked, who answers for a missed one, who gets a new client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.telephony.after.facts import CallFacts, Why
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Line, MissedTo, TelephonyRules

NOBODY = 0  # amoCRM takes its own


@dataclass(frozen=True, slots=True)
class Choice:
    """A user, and which step of which rule named them."""

    user_id: int
    by: str


def line_of(facts: CallFacts, rules: TelephonyRules) -> Line | None:
    return rules.line(facts.call.trunk, facts.call.did, facts.pbx)


def talker(facts: CallFacts, rules: TelephonyRules) -> int | None:
    """Who talked with the client last, right after every kind of transfer."""
    user = rules.user(facts.call.last_talker, facts.pbx)
    return user if facts.works(user) else None


def owner(facts: CallFacts, rules: TelephonyRules) -> Choice:
    """Who gets a new client: a function's word, who talked last, who called, who answers for a missed call,
    then the line's and the account's own.
    """
    steps: Iterator[tuple[str, int | None]] = iter(
        (
            ("hook", facts.hooked.responsible_id),
            ("last_talker", talker(facts, rules)),
            ("operator", _operator(facts, rules)),
        )
    )
    chosen = _first(facts, steps)
    if chosen is None and facts.call.way is Way.IN:
        chosen = answers_for_missed(facts, rules)
    return chosen or _by_line(facts, rules) or Choice(NOBODY, "nobody")


def of_call(facts: CallFacts, rules: TelephonyRules) -> int | None:
    """Whose call it is in the CRM's statistics: who talked or called, else who answers for it."""
    return (
        talker(facts, rules)
        or _working(facts, _operator(facts, rules))
        or owner(facts, rules).user_id
        or None
    )


def answers_for_missed(facts: CallFacts, rules: TelephonyRules) -> Choice | None:
    """By the chain of strategies; None when it names nobody who works here."""
    steps = ((str(step), _missed_to(step, facts, rules)) for step in rules.missed.to)
    return _first(facts, steps)


def why(rule: str, chosen: Choice, facts: CallFacts) -> Why:
    name = facts.users.get(chosen.user_id, f"№ {chosen.user_id}" if chosen.user_id else "")
    return Why(rule, chosen.by, (("name", name),))


def missed_owner(facts: CallFacts, rules: TelephonyRules) -> Choice:
    """Whose task a missed call becomes: the chain first; a function's word goes before all."""
    by_hook = _first(facts, iter((("hook", facts.hooked.responsible_id),)))
    return by_hook or answers_for_missed(facts, rules) or owner(facts, rules)


def whose(facts: CallFacts) -> int | None:
    """Whose the client is."""
    if facts.responsible_id is not None or facts.contact is None:
        return facts.responsible_id
    return facts.contact.responsible_id


def _by_line(facts: CallFacts, rules: TelephonyRules) -> Choice | None:
    line = line_of(facts, rules)
    steps = (("line_default", line.default_user_id if line else None), ("first", rules.first_responsible_id))
    return _first(facts, iter(steps))


def _missed_to(step: MissedTo, facts: CallFacts, rules: TelephonyRules) -> int | None:
    line, rung = line_of(facts, rules), facts.call.rung
    match step:
        case MissedTo.RESPONSIBLE:
            return whose(facts)
        case MissedTo.LAST_TALKER:
            return facts.last_talker_id
        case MissedTo.FIRST_RUNG:
            return rules.user(rung[0], facts.pbx) if rung else None
        case MissedTo.LAST_RUNG:
            return rules.user(rung[-1], facts.pbx) if rung else None
        case MissedTo.LINE:
            return line.missed_user_id if line else None
        case MissedTo.LINE_DEFAULT:
            return line.default_user_id if line else None
        case _:
            return rules.first_responsible_id


def _operator(facts: CallFacts, rules: TelephonyRules) -> int | None:
    """Who made an outbound call."""
    return rules.user(facts.call.operator, facts.pbx) if facts.call.way is Way.OUT else None


def _working(facts: CallFacts, user: int | None) -> int | None:
    return user if facts.works(user) else None


def _first(facts: CallFacts, steps: Iterator[tuple[str, int | None]]) -> Choice | None:
    """The first step that names somebody who works here."""
    return next((Choice(user, by) for by, user in steps if user and facts.works(user)), None)
