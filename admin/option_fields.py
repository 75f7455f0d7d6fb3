"""Options of an account as controls of a form, grouped as people think of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from admin.forms import Form
from backend.core.rules.options import STANDARD, Options
from backend.core.rules.options_document import DAY, YEARS

HOURS = 24 * YEARS
REASONS = {  # of a loss: in the code they are not parts of a part
    "loss_reasons.cancelled": "cancelled_loss_reason",
    "loss_reasons.technical": "technical_loss_reason",
}
SHOWN = "shown"  # names of the check boxes that a form has: one that is not ticked is not sent


@dataclass(frozen=True, slots=True)
class Control:
    """`name` is that of the form field; `path` of the option: `success.needs_payment` is a part of a part.

    Kinds: choice (its values have words in the texts), flag, number, text, reason (of a loss), pipelines.
    """

    path: str
    kind: str
    most: int = 0
    least: int = 0

    @property
    def name(self) -> str:
        return REASONS.get(self.path, self.path.replace(".", "_"))

    @property
    def words(self) -> str:
        """Where its texts begin."""
        return "options." + self.path.replace(".", "_")

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(str(one) for one in type(value(STANDARD, self)))


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    controls: tuple[Control, ...]


def _choices(*paths: str) -> tuple[Control, ...]:
    return tuple(Control(path, "choice") for path in paths)


def _flags(*paths: str) -> tuple[Control, ...]:
    return tuple(Control(path, "flag") for path in paths)


GROUPS = (
    Group("linking", (
        *_choices("multi_category", "direction_change", "repeating"),
        *_flags("group_by_visit", "network_wide", "match_by_name"),
        Control("attach_days", "number", YEARS), *_choices("incoming"),
        Control("incoming_wait", "number", DAY), Control("common_pipelines", "pipelines"),
    )),
    Group("bookings", (
        *_choices("without_services", "without_phone", "older"), Control("import_past_days", "number", YEARS),
        Control("do_not_transfer_label", "text"),
    )),
    Group("no_shows", (
        *_choices("after_no_show"), Control("reuse_no_show_days", "number", YEARS),
        Control("close_no_show_days", "number", YEARS),
        *_choices("moved_between_salons", "restored_late"), Control("reopen_hours", "number", HOURS),
        Control("loss_reasons.cancelled", "reason"),
    )),
    Group("success", _flags("success.needs_payment", "success.after_start")),
    Group("next_visit", (
        *_choices("next_lead", "already_booked"), Control("trigger_wait", "number", DAY),
        Control("trigger_window", "number", DAY), *_flags("followup_secondary"),
        Control("loss_reasons.technical", "reason"),
    )),
    Group("people", (*_choices("responsible_by"), *_flags("names_from_salon"))),
    Group("money", (
        *_choices("money.abonement", "money.goods"), Control("money.price_days", "number", YEARS),
        *_flags("money.keep_typed_budget"),
    )),
    Group("brake", (
        Control("brake.per_person", "number", 1_000, 1), Control("brake.times_usual", "number", 1_000, 1),
    )),
    Group("tags", (Control("do_not_attach_tag", "text"), Control("do_not_move_tag", "text"))),
    Group("settle", tuple(
        Control(f"settle.{name}", "number", DAY)
        for name in ("create", "edit", "arrived", "no_show", "delete")
    )),
)  # fmt: skip
CONTROLS = tuple(control for group in GROUPS for control in group.controls)
PATHS: Mapping[str, str] = {f"options.{one.path}": one.name for one in CONTROLS}


def value(options: Options, control: Control) -> Any:
    """What is in force."""
    whole, _, part = _attribute(control).partition(".")
    found = getattr(options, whole)
    return getattr(found, part) if part else found


def read(form: Form, before: Options) -> Options:
    """What the form does not show stays as it was."""
    given = {_attribute(one): _read(form, one, before) for one in CONTROLS if _is_shown(form, one)}
    return _with(before, given)


def _attribute(control: Control) -> str:
    """Reasons of a loss have names of their own in the code."""
    return control.name if control.kind == "reason" else control.path


def _is_shown(form: Form, control: Control) -> bool:
    if control.kind == "flag":
        return control.name in _listed(form)
    return control.kind == "pipelines" or control.name in form.values


def _listed(form: Form) -> list[str]:
    values = form.values
    return values.getlist(SHOWN) if hasattr(values, "getlist") else []


def _read(form: Form, control: Control, before: Options) -> Any:
    readers: dict[str, Callable[[], Any]] = {
        "choice": lambda: _choice(form, control, value(before, control)),
        "flag": lambda: form.flag(control.name),
        "number": lambda: form.whole(control.name, control.least, control.most),
        "text": lambda: form.text(control.name),
        "reason": lambda: form.number(control.name),
        "pipelines": lambda: frozenset(form.numbers(control.name)),
    }
    return readers[control.kind]()


def _choice(form: Form, control: Control, before: StrEnum) -> StrEnum:
    chosen = form.choice(control.name, control.values)
    if chosen is None:
        form.complain(control.name, "ui.form.choose")
        return before
    return type(before)(chosen)


def _with(before: Options, given: Mapping[str, Any]) -> Options:
    parts: dict[str, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    for path, found in given.items():
        name, _, part = path.partition(".")
        if part:
            parts.setdefault(name, {})[part] = found
        else:
            whole[name] = found
    inner = {name: replace(getattr(before, name), **changed) for name, changed in parts.items()}
    return replace(before, **whole, **inner)
