"""All accounts of the service: how each stands, what it waits for, how much of the limits it uses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from admin import guard, health
from admin.forms import Form
from admin.health import WORST_FIRST, Shown
from admin.pages import page
from admin.telephony import glance
from backend.store import account_figures
from backend.store.account_figures import Used

PAGE = 50
HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Row:
    """`share` is how much of amoCRM's limit the account used within an hour, in percent; `telephony` a word
    about it, "" where there is none.
    """

    shown: Shown
    used: Used
    share: int
    telephony: str


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts", endpoint="accounts")(guard.staff(show))


def show() -> Response:
    """Everything is read in a handful of queries, however many accounts there are."""
    asked = Form(request.args)
    sought, mood = asked.text("q", is_required=False).casefold(), asked.choice("mood", WORST_FIRST)
    everybody = health.look_at_all()
    found = [one for one in everybody if _is_sought(one, sought) and mood in (None, one.mood)]
    found.sort(key=lambda one: (WORST_FIRST.index(one.mood), one.account.name.casefold(), one.account.domain))
    last = max(1, -(-len(found) // PAGE))
    number = min(max(asked.number("page") or 1, 1), last)
    return page(
        "admin/accounts.html", "accounts",
        rows=_rows(found[(number - 1) * PAGE : number * PAGE]), form=asked, moods=_counts(everybody),
        found=len(found), total=len(everybody), number=number, last=last, dots=health.DOTS,
        tones=glance.TONES, kept={name: value for name in ("q", "mood") if (value := asked.values.get(name))},
    )  # fmt: skip


def _is_sought(one: Shown, sought: str) -> bool:
    return sought in one.account.name.casefold() or sought in one.account.domain


def _counts(everybody: list[Shown]) -> list[tuple[str, int]]:
    counted = {mood: sum(one.mood == mood for one in everybody) for mood in WORST_FIRST}
    return [(mood, count) for mood, count in counted.items() if count]


def _rows(found: list[Shown]) -> list[Row]:
    context = guard.context()
    used = account_figures.requests_of_hour(context.now())
    limit = context.settings.amocrm_rate * HOUR_SECONDS
    rows = [(one, used.get(one.account.account_id, Used())) for one in found]
    heard = glance.of(found, context.now())
    return [
        Row(one, of_one, round(100 * of_one.amo / limit), heard.get(one.account.account_id, ""))
        for one, of_one in rows
    ]
