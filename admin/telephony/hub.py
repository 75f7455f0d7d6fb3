"""Telephony: does each part work, and what to press when not; before there is a PBX, the way to one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from admin import guard
from admin.pages import language, page
from admin.telephony import today, view
from backend import texts
from backend.flows.telephony.health import conditions
from backend.flows.telephony.health.conditions import Part
from backend.store.telephony import call_health, calls
from backend.store.telephony.calls import CallFilters

RECENT = 8  # of the newest calls
SCREENS = {
    "pbx": "telephony_connection",
    "tables": "telephony_connection",
    "recordings": "telephony_recordings",
    "hooks": "telephony_hooks",
    "clicks": "telephony_formats",
}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony"
    bp.get(home, endpoint="telephony")(show)
    bp.get(f"{home}/status.json", endpoint="telephony_status")(status)


def show(domain: str) -> Response:
    account = guard.account(domain)
    found = conditions.parts(guard.context(), account)
    steps = conditions.steps(account)
    return page(
        "telephony/hub.html", "live",
        account=account, parts=found, mood=conditions.worst(found), steps=steps, link=_link, exists=_exists,
        next_step=next((step.name for step in steps if not step.is_done), ""),
        today=today.states(account), length=view.seconds,
        recent=view.of(account, calls.portion(account.id, CallFilters(), None, RECENT)),
    )  # fmt: skip


def status(domain: str) -> Response:
    """The same for a program that watches: moods and codes stay, sentences are for people."""
    account, now = guard.account(domain), guard.context().now()
    found = conditions.parts(guard.context(), account)
    totals = call_health.totals(account.id, now - conditions.DAY)
    told = {
        "mood": conditions.worst(found).value, "at": now.isoformat(),
        "parts": [_told(part) for part in found],
        "calls_of_last_day": {"states": totals.states, "last_ended_at": _iso(totals.last_ended_at)},
    }  # fmt: skip
    answer = jsonify(told)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(part: Part) -> dict[str, Any]:
    return {
        "part": part.name, "about": part.about, "mood": part.mood.value, "code": part.code,
        "sentence": texts.t(part.code, language(), **part.details), "since": _iso(part.since),
        "last_at": _iso(part.last_at), "waiting": part.waiting,
        "findings": [dict(one) for one in part.findings],
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _link(part: Part) -> str:
    """The endpoint where a part is put right; "" when nothing of the panel can."""
    name = SCREENS.get(part.name, "")
    return name if name and _exists(name) else ""


def _exists(name: str) -> bool:
    return f"admin.{name}" in current_app.view_functions
