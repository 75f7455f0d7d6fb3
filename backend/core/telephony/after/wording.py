"""What is written of a call: names, the task for a missed one, values of fields."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from backend.core.telephony import numbers
from backend.core.telephony.after import people
from backend.core.telephony.after.facts import CallFacts
from backend.core.telephony.call import Outcome, Way
from backend.core.telephony.rules import TelephonyRules
from backend.core.templates import fields, language
from backend.core.templates.filters import Value

KINDS = {Way.IN: "Входящий звонок", Way.OUT: "Исходящий звонок"}
RESULTS = {
    Outcome.ANSWERED: "Поговорили",
    Outcome.MISSED: "Пропущен",
    Outcome.BUSY: "Занято",
    Outcome.WRONG_NUMBER: "Неверный номер",
    Outcome.NO_ANSWER: "Не ответил",
    Outcome.TRUNK_DOWN: "Линия не работает",
}
MISSED_TASK = "Перезвонить: {клиент|или:номер скрыт}. Пропущенный звонок {время звонка}[[, {линия}]]"
LOST_TASK = "Перезвонить: {клиент|или:номер скрыт}. Разговор потерян при переводе {время звонка}[[, {линия}]]"
TASK_DONE = "Поговорили {at}"
LOST = "Разговор потерян при переводе"


def phone(facts: CallFacts, rules: TelephonyRules) -> str:
    """The client's number as the CRM gets it."""
    return numbers.formatted(facts.number, rules.formats)


def line_title(facts: CallFacts, rules: TelephonyRules) -> str:
    line = people.line_of(facts, rules)
    return (line.title if line else "") or facts.call.trunk


def lead_name(facts: CallFacts, rules: TelephonyRules) -> str:
    line = people.line_of(facts, rules)
    title = f", {line.title}" if line and line.title else ""
    return f"{KINDS[facts.call.way]} {phone(facts, rules)}{title}"


def task(facts: CallFacts, rules: TelephonyRules) -> str:
    """The account's own words when they are whole, else the built-in ones."""
    usual = LOST_TASK if facts.call.is_answered else MISSED_TASK
    own = facts.hooked.task_text or rules.missed.text
    return (own and filled(own, facts, rules)) or filled(usual, facts, rules)


def task_done(facts: CallFacts) -> str:
    at = facts.call.answered_at or facts.call.began_at
    return TASK_DONE.format(at=at.astimezone(ZoneInfo(facts.zone)).strftime("%d.%m.%Y %H:%M"))


def filled(source: str, facts: CallFacts, rules: TelephonyRules) -> str:
    """A template with the call's values; "" when it cannot be read."""
    template = language.read(source, fields.CALL)
    return "" if template.mistakes else language.render(template, values(facts, rules).get)


def values(facts: CallFacts, rules: TelephonyRules) -> dict[str, Value]:
    call, user = facts.call, people.of_call(facts, rules)
    person = rules.person_of(user, facts.pbx) if user else None
    number = phone(facts, rules)
    return {
        "client": (facts.contact.name if facts.contact else "") or number,
        "call_phone": number,
        "called_at": call.began_at.astimezone(ZoneInfo(facts.zone)),
        "call_kind": KINDS.get(call.way, ""),
        "call_result": RESULTS.get(call.outcome, "") if call.outcome else "",
        "talk_time": _spoken(call.talk),
        "talk_seconds": int(call.talk.total_seconds()),
        "wait_time": _spoken(call.wait),
        "line": line_title(facts, rules),
        "line_number": call.did,
        "employee": facts.users.get(user, "") if user else "",
        "extension": person.extension if person else "",
        "recording": facts.links[0] if facts.links else "",
    }


def _spoken(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    if not minutes:
        return f"{seconds} с" if seconds else ""
    return f"{minutes} мин {seconds} с" if seconds else f"{minutes} мин"
