"""Reading both systems before a move: the button, how far it is, and what else was found to stand there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.pages import page
from backend import texts
from backend.core import rights
from backend.flows.takeover.reading import discovery
from backend.flows.works import long_work
from backend.store import connections, takeover_pulls
from backend.store.accounts import Account
from backend.store.takeover_pulls import Pull

TONES = {"reading": "warn", "done": "good", "failed": "bad"}
MOST_AUTHORS = 8


@dataclass(frozen=True, slots=True)
class Group:
    """amoCRM, or one salon, with what is read of it."""

    title: str
    rows: tuple[Pull, ...]


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover/discovery", endpoint="takeover_discovery")(show)
    bp.post("/accounts/<domain>/takeover/discovery", endpoint="start_discovery")(start)
    bp.post("/accounts/<domain>/takeover/discovery/stop", endpoint="stop_discovery")(stop)


def show(domain: str) -> Response:
    account = guard.account(domain)
    progress = discovery.progress(account.id)
    facts, read_at = takeover_pulls.surroundings(account.id)
    return page(
        "takeover/discovery.html", "reading",
        account=account, progress=progress, groups=_groups(account, progress.pulls), tones=TONES,
        kind_of=_kind, number=_number, span=_span, around=_around(account, facts) if read_at else None,
        read_at=read_at, has_salons=any(row.user_token for row in connections.of_account(account.id)),
    )  # fmt: skip


def start(domain: str) -> AnyResponse:
    account = guard.account(domain)
    work_id = discovery.start(guard.context(), account.id, guard.person().login)
    guard.audit("work.started", discovery.KIND, account, after={"work": work_id})
    pages.say("takeover_discovery.begun")
    return redirect(url_for("admin.takeover_discovery", domain=domain), 303)


def stop(domain: str) -> AnyResponse:
    account = guard.account(domain)
    work = discovery.progress(account.id).work
    if work is not None and long_work.cancel(guard.context(), work.id):
        guard.audit("work.cancelled", work.kind, account)
        pages.say("takeover_discovery.stopped", "warn")
    return redirect(url_for("admin.takeover_discovery", domain=domain), 303)


def _groups(account: Account, pulls: Iterable[Pull]) -> list[Group]:
    titles = {str(row.company_id): row.title for row in connections.of_account(account.id)}
    by_place: dict[str, list[Pull]] = {}
    for pull in pulls:
        by_place.setdefault(pull.collection.partition(":")[2], []).append(pull)
    return [
        Group(titles.get(company, company) if company else "amoCRM", tuple(rows))
        for company, rows in by_place.items()
    ]


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def _span(seconds: float) -> str:
    """How long it will still take, in words that promise no more than is known."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return texts.t("takeover_discovery.soon", pages.language())
    unit, count = ("minutes", minutes) if minutes < 90 else ("hours", round(minutes / 60))
    return texts.t(f"takeover_discovery.{unit}", pages.language(), n=count)


def _kind(pull: Pull) -> str:
    return pull.collection.partition(":")[0]


def _around(account: Account, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was found, with our own addresses told apart from strangers'."""
    titles = {str(row.company_id): row.title for row in connections.of_account(account.id)}
    users = {user["id"]: user["name"] for user in facts.get("users") or ()}
    salons = [
        {
            "title": titles.get(company) or one.get("title") or company,
            "hooks": _marked(one.get("hooks")),
            "users": one.get("users"),
            "lacks": rights.lacks(one.get("lacking") or ()),
            "days_shown": _too_few(one.get("days_shown")),
        }
        for company, one in (facts.get("salons") or {}).items()
    ]
    return {
        "widgets": facts.get("widgets"),
        "webhooks": _marked(facts.get("webhooks")),
        "authors": _authors(facts.get("events") or (), users),
        "users": users,
        "salons": salons,
    }


def _too_few(days: int | None) -> int | None:
    """The days of the journal that the salon's key sees, when they are fewer than what is to be read."""
    return days if days is not None and days < discovery.MONTHS * discovery.MONTH.days else None


def _marked(urls: Iterable[Any] | None) -> list[dict[str, Any]] | None:
    """Addresses without what follows the host of ours: it is secret."""
    if urls is None:
        return None
    ours = guard.context().settings.public_url
    found = [one if isinstance(one, dict) else {"url": one, "is_on": True, "author": 0} for one in urls]
    return [
        {
            **one,
            "is_ours": one["url"].startswith(f"{ours}/"),
            "url": ours if one["url"].startswith(f"{ours}/") else one["url"],
        }
        for one in found
    ]


def _authors(events: Iterable[Mapping[str, Any]], users: Mapping[int, str]) -> list[tuple[int, str, int]]:
    """Who changed leads and contacts lately: number, name, how often; the busiest first."""
    counted: dict[int, int] = {}
    for row in events:
        counted[row["author"]] = counted.get(row["author"], 0) + row["count"]
    busiest = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_AUTHORS]
    return [(author, users.get(author, ""), count) for author, count in busiest]
