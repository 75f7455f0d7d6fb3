"""A form about rules looked at before it is saved: what would become of the newest calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from admin import guard
from admin.forms import Form
from admin.names import Names
from admin.pages import language
from admin.telephony import view
from admin.telephony.view import Shown
from backend import texts
from backend.core.errors import InvalidInput
from backend.core.rules import configuration_changes, configuration_document
from backend.core.telephony.after.trying import Effect
from backend.core.telephony.rules import TelephonyRules
from backend.flows.rules import configuration
from backend.flows.rules.configuration_import import problems_of
from backend.flows.telephony.after import trying
from backend.store.accounts import Account

LOOK = "look"  # the button that saves nothing
WHOLE = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A call of the table and what is said of it."""

    call: Shown
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def check(form: Form, account: Account, rules: TelephonyRules, fields: Mapping[str, str]) -> None:
    """Complains of what the document would not take, without saving anything."""
    wanted = replace(configuration.current(account.id), telephony=rules)
    try:
        configuration_document.parse(configuration_changes.render(wanted))
    except InvalidInput as error:
        for problem in problems_of(error):
            form.place(fields.get(problem.path, WHOLE), problem)


def look(account: Account, rules: TelephonyRules) -> list[Line]:
    rows, words = trying.newest(account.id), _Words(account.id)
    found = trying.try_on(guard.context(), account.id, rules, rows)
    calls = view.of(account, rows)
    return [
        Line(call, words.effects(one.before), words.effects(one.after))
        for call, one in zip(calls, found, strict=True)
    ]


class _Words:
    """Effects with names instead of numbers."""

    def __init__(self, account_id: int) -> None:
        self._names = Names(account_id)

    def effects(self, effects: tuple[Effect, ...]) -> tuple[str, ...]:
        return tuple(self._one(effect) for effect in effects)

    def _one(self, effect: Effect) -> str:
        parts = [texts.t(f"call_effect.{effect.code}", language(), text=effect.text)]
        if effect.pipeline_id:
            parts.append(self._names.pipeline(effect.pipeline_id))
        if effect.stage_id:
            parts.append(self._names.stage(effect.pipeline_id, effect.stage_id).name)
        if effect.user_id:
            parts.append(self._names.user(effect.user_id))
        return " · ".join(parts)
