"""Words, tasks, contact fields, rights in the card and alerts as parts of the configuration's document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from functools import partial

from backend.core.rules.document import HIDDEN, Node, Table
from backend.core.rules.options_document import YEARS
from backend.core.rules.sections import (
    CREATE,
    Alerts,
    CardRights,
    ContactFieldName,
    FieldChoice,
    TaskRule,
    TaskWhen,
    TextName,
    Who,
)
from backend.core.templates import fields as fields_of_texts
from backend.core.templates import language

MOST_TASKS = 50
MOST_EMAILS = 20
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\".]{2,}")


def texts(node: Node) -> dict[TextName, str]:
    """Templates; one that is left out leaves the built-in words."""
    table = node.table(*TextName)
    found = {name: table.optional(name, partial(template, name)) for name in TextName}
    return {name: text for name, text in found.items() if text}


def template(name: str, node: Node) -> str | None:
    text = node.value
    if not isinstance(text, str):
        node.complain("configuration.not_text", value=str(text)[:40])
        return None
    if any(unicodedata.category(sign) in HIDDEN and sign != "\n" for sign in text):
        node.complain("configuration.hidden_character")
        return None
    text = text.strip()
    for mistake in language.read(text, name).mistakes if text else ():
        node.complain(mistake.code, **language.told(text, mistake))
    return text


def tasks(node: Node) -> tuple[TaskRule, ...]:
    items = node.items()
    if len(items) > MOST_TASKS:
        node.complain("configuration.too_many_items", most=MOST_TASKS)
    return tuple(_task(item) for item in items[:MOST_TASKS])


def _task(node: Node) -> TaskRule:
    table = node.table("when", "days", "hours", "text", "user")
    when = table.need("when", lambda node: node.choice(TaskWhen)) or TaskWhen.BOOKED
    least = -1 if when is TaskWhen.BOOKED else 0
    return TaskRule(
        when,
        table.get("days", lambda node: node.whole(least * YEARS, YEARS), 0),
        table.get("hours", lambda node: node.whole(least * 24 * YEARS, 24 * YEARS), 0),
        table.get("text", partial(template, fields_of_texts.TASK), ""),
        table.optional("user", Node.id),
    )


def contact_fields(node: Node) -> dict[ContactFieldName, FieldChoice]:
    """Nothing is filled unless it is named."""
    table = node.table(*ContactFieldName)
    found = {name: chosen(table, name) for name in ContactFieldName}
    return {name: value for name, value in found.items() if value is not None}


def chosen(table: Table, name: str) -> FieldChoice:
    node = table.members.get(name)
    return choice(node) if node else None


def choice(node: Node) -> int | str | None:
    """An existing field's (or catalogue's) id, `create`, or nothing."""
    if node.value is None or node.value == CREATE:
        return CREATE if node.value else None
    if isinstance(node.value, str):
        node.complain("configuration.not_field", value=node.value)
        return None
    return node.id()


def card(node: Node) -> CardRights:
    table = node.table(*(f.name for f in fields(CardRights)))
    return CardRights(**{f.name: table.choice(f.name, Who.EVERYONE) for f in fields(CardRights)})


def alerts(node: Node) -> Alerts:
    table = node.table("emails", "user")
    return Alerts(table.get("emails", _emails, ()), table.optional("user", Node.id))


def _emails(node: Node) -> tuple[str, ...]:
    items = node.items()
    if len(items) > MOST_EMAILS:
        node.complain("configuration.too_many_items", most=MOST_EMAILS)
    found = [item.name() for item in items[:MOST_EMAILS]]
    for item, text in zip(items, found, strict=False):
        if text and not EMAIL.fullmatch(text):
            item.complain("configuration.not_email", value=text)
    return tuple(dict.fromkeys(text for text in found if text))


def rendered_task(rule: TaskRule) -> dict[str, object]:
    return {
        "when": str(rule.when),
        "days": rule.days,
        "hours": rule.hours,
        "text": rule.text,
        "user": rule.user_id,
    }


def rendered_choices(choices: Mapping[ContactFieldName, FieldChoice]) -> dict[str, FieldChoice]:
    return {str(name): choices.get(name) for name in ContactFieldName}


def rendered_card(rights: CardRights) -> dict[str, object]:
    return {f.name: str(getattr(rights, f.name)) for f in fields(CardRights)}


def rendered_alerts(value: Alerts) -> dict[str, object]:
    return {"emails": list(value.emails), "user": value.user_id}
