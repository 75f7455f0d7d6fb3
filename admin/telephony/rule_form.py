"""The form of «Rules» read into the rules of an account, and which field a problem of the document is of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from admin.forms import Form
from admin.telephony import chosen
from backend.core.rules.options_document import DAY
from backend.core.telephony.rules import LogAs, Missed, MissedTo, RingTo, TelephonyRules

MINUTES = 7 * DAY // 60
FLAGS = (
    "is_on", "contact_in", "contact_out", "lead_in", "lead_out", "incoming", "card", "notice", "rings_busy",
)  # fmt: skip
OF_MISSED = ("is_on", "counts_lost", "hidden", "closes")
LISTS = ("white", "black", "own_numbers")
PARTS = tuple(
    f"telephony.{name}"
    for name in (
        *FLAGS, *LISTS, "log", "pipeline", "stage", "first_responsible", "ring", "hours", "missed",
    )
)  # fmt: skip
PATHS = {
    "telephony.pipeline": "place",
    "telephony.stage": "place",
    "telephony.first_responsible": "first_responsible",
    "telephony.missed.text": "missed_text",
    "telephony.missed.minutes": "missed_minutes",
    **{path: field for name in LISTS for path, field in chosen.indices(f"telephony.{name}", name).items()},
}


def read(form: Form, before: TelephonyRules) -> TelephonyRules:
    """Everything that the screen shows; people, lines, formats and the rest stay as they are."""
    pipeline_id, stage_id = chosen.place(form, "place")
    log = form.choice("log", tuple(LogAs))
    simple: dict[str, Any] = {name: form.flag(name) for name in FLAGS}
    simple |= {name: chosen.listed(form, name) for name in LISTS}
    return replace(
        before,
        **simple,
        log=LogAs(log) if log else before.log,
        pipeline_id=pipeline_id,
        stage_id=stage_id,
        first_responsible_id=form.number("first_responsible"),
        ring=chosen.chain(form, "ring", RingTo),
        hours=chosen.hours(form),
        missed=_missed(form),
    )


def shown(rules: TelephonyRules) -> dict[str, str]:
    """Values of all fields but the check boxes, as text."""
    return {
        "log": str(rules.log),
        "place": chosen.place_value((rules.pipeline_id, rules.stage_id)),
        "first_responsible": str(rules.first_responsible_id or ""),
        "missed_text": rules.missed.text,
        "missed_minutes": str(rules.missed.minutes),
        **{f"ring_{place}": str(step) for place, step in enumerate(rules.ring, 1)},
        **{f"missed_to_{place}": str(step) for place, step in enumerate(rules.missed.to, 1)},
        **{name: ", ".join(getattr(rules, name)) for name in LISTS},
        **chosen.shown_hours(rules.hours),
    }


def ticked(rules: TelephonyRules) -> set[str]:
    """Names of the check boxes that are on."""
    own = {name for name in FLAGS if getattr(rules, name)}
    return own | {f"missed_{name}" for name in OF_MISSED if getattr(rules.missed, name)}


def _missed(form: Form) -> Missed:
    flags: dict[str, Any] = {name: form.flag(f"missed_{name}") for name in OF_MISSED}
    return replace(
        Missed(**flags),
        text=form.values.get("missed_text", "").replace("\r\n", "\n").strip(),
        minutes=form.whole("missed_minutes", 1, MINUTES),
        to=chosen.chain(form, "missed_to", MissedTo),
    )
