"""An alarm in words: what is wrong and what to press, the same in the panel, in a task and in a letter."""

from __future__ import annotations

from backend import texts
from backend.store.alarms import Alarm


def code(alarm: Alarm) -> str:
    return alarm.code if texts.has(alarm.code) else f"notice.{alarm.code}"


def gaps(alarm: Alarm, lang: str) -> dict[str, object]:
    """What fills the gaps of the sentence: codes inside an alarm become words of the reader's language."""
    details = dict(alarm.details) if isinstance(alarm.details, dict) else {}
    if alarm.scope_kind == "field" and texts.has(f"field_name.{alarm.scope_key}"):
        details["field"] = texts.t(f"field_name.{alarm.scope_key}", lang)
    if "topic" in details:
        details["right"] = texts.t(f"rights.{details['topic']}.title", lang)
        details["press"] = texts.t(f"rights.{details['topic']}.press", lang)
    if "why" in details:
        details["why"] = texts.t(str(details["why"]), lang)
    return {**details, **_of_part(details, lang)}


def _of_part(details: dict[str, object], lang: str) -> dict[str, object]:
    """A part of telephony: its name, what it says of itself, and what to press."""
    said, values = details.get("said"), details.get("values")
    if said is None or not isinstance(values, dict):
        return {}
    todo = f"todo.{said}"
    press = texts.t(todo, lang, **values) if texts.has(todo) else texts.t("telephony_health.look", lang)
    name = texts.t(f"telephony_health.part.{details.get('part')}", lang, about=details.get("about", ""))
    return {"part": name, "said": texts.t(str(said), lang, **values), "press": press}


def sentence(alarm: Alarm, lang: str) -> str:
    return texts.t(code(alarm), lang, **gaps(alarm, lang))


def todo(alarm: Alarm, lang: str) -> str:
    name = f"todo.{alarm.code}"
    if not texts.has(name):
        name = "todo.notice" if alarm.is_notice else "todo.default"
    return texts.t(name, lang, **gaps(alarm, lang))
