"""Pairs of bookings and leads that a person looks at: both cards side by side, one key for yes and one for
no, many at once where a tier has proven right, and the last word taken back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from admin.takeover import review_view
from backend.core.errors import AppError
from backend.core.takeover.pairing import State, Tier
from backend.flows.takeover.pairs import adoption, matching
from backend.store import connections, long_works, takeover_decisions, takeover_pairs
from backend.store.accounts import Account
from backend.store.takeover_pairs import LOOK, OPEN, TIES, Filter, PairRow

HOME = "/accounts/<domain>/takeover/review"
AT_ONCE = 10
LISTS = (OPEN, TIES, LOOK, *(str(s) for s in State if s is not State.PROPOSED))
TIERS = tuple(str(tier) for tier in Tier)
DEEDS = {"accept": State.ACCEPTED, "reject": State.REJECTED}


def add_routes(bp: Blueprint) -> None:
    bp.get(HOME, endpoint="takeover_review")(show)
    bp.post(HOME, endpoint="takeover_match")(match)
    bp.post(f"{HOME}/<int:pair_id>", endpoint="takeover_pair")(decide)
    bp.get(f"{HOME}/all", endpoint="takeover_pairs_bulk")(confirm)
    bp.post(f"{HOME}/all", endpoint="takeover_pairs_accept")(accept_all)
    bp.post(f"{HOME}/undo", endpoint="takeover_pairs_undo")(undo)
    bp.post(f"{HOME}/adopt", endpoint="takeover_adopt")(adopt)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    wanted, after = _filter(asked), _place(asked.values.get("after", ""))
    rows = takeover_pairs.page(account.id, wanted, after, AT_ONCE + 1)
    shown, names = rows[:AT_ONCE], Names(account.id)
    of_bookings = takeover_pairs.of_booking(account.id, [row.key for row in shown])
    others = {key: sum(one.state == State.PROPOSED for one in some) - 1 for key, some in of_bookings.items()}
    salons = _salons(account)
    return page(
        "takeover/review.html", "pairs",
        account=account, wanted=wanted, chosen=_chosen(wanted), lists=_lists(account, wanted),
        tiers=_tiers(account, wanted.company_id), salons=salons, names=names, form=asked,
        cases=review_view.cases(account.id, shown, others, names), after=asked.values.get("after", ""),
        onward=_cursor(shown[-1]) if len(rows) > AT_ONCE else None,
        batches=takeover_decisions.newest(account.id), work=matching.newest(account.id),
        linking=long_works.newest(account.id, adoption.KIND),
        waiting=_waiting(account, salons), may_decide=wanted.shown != State.ADOPTED,
    )  # fmt: skip


def match(domain: str) -> AnyResponse:
    account, ctx = guard.account(domain), guard.context()
    try:
        work_id = matching.start(ctx, account.id, guard.person().login)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    else:
        guard.audit("work.started", matching.KIND, account, after={"work": work_id})
        pages.say("takeover_review.matching")
    return redirect(url_for("admin.takeover_review", domain=domain), 303)


def decide(domain: str, pair_id: int) -> AnyResponse:
    """Yes or no to one pair; then the next one of the same list."""
    account, form = guard.account(domain), Form(request.form)
    row = takeover_pairs.get(account.id, pair_id) or abort(404)
    act = form.choice("act", tuple(DEEDS)) or abort(400)
    wanted = _filter(form)
    following = _following(account, wanted, row)
    batch = takeover_decisions.decide(
        account.id, [row.id], DEEDS[act], guard.person().login, guard.context().now()
    )
    if batch.accepted or batch.rejected:
        guard.audit(
            f"takeover.pair_{act}", row.key, account, before={"pair": row.state},
            after={"pair": str(DEEDS[act]), "lead_id": row.lead_id, "pairs_refused": batch.rejected},
        )  # fmt: skip
        pages.say(f"takeover_review.done.{act}", lead=row.lead_id)
    else:
        pages.say("takeover_review.clash", "warn", lead=row.lead_id)
    return redirect(_back(domain, wanted, form, f"p{following.id}" if following else "pairs"), 303)


def confirm(domain: str) -> Response:
    """Before many are accepted at once: how many, of what kind, and some of them to look at."""
    account, asked = guard.account(domain), Form(request.args)
    tier = Tier(asked.choice("tier", TIERS) or abort(404))
    company_id = asked.number("salon")
    ids = takeover_pairs.for_bulk(account.id, tier, company_id)
    wanted = Filter(OPEN, tier, company_id)
    rows = [row for row in takeover_pairs.page(account.id, wanted, limit=AT_ONCE) if row.id in set(ids)]
    names = Names(account.id)
    return page(
        "takeover/review_all.html", "all",
        account=account, tier=tier, count=len(ids), company_id=company_id,
        open_count=takeover_pairs.count(account.id, wanted),
        salon=dict(_salons(account)).get(company_id or 0),
        cases=review_view.cases(account.id, rows[:3], {}, names), names=names, chosen=_chosen(wanted),
    )  # fmt: skip


def accept_all(domain: str) -> AnyResponse:
    """As many as the person was shown; found others meanwhile, they are asked again."""
    account, form = guard.account(domain), Form(request.form)
    tier = Tier(form.choice("tier", TIERS) or abort(400))
    company_id, seen = form.number("salon"), form.number("count")
    ids = takeover_pairs.for_bulk(account.id, tier, company_id)
    chosen = _chosen(Filter(OPEN, tier, company_id))
    if len(ids) != seen:
        pages.say("takeover_review.all.changed", "warn")
        return redirect(url_for("admin.takeover_pairs_bulk", domain=domain, **chosen), 303)
    batch = takeover_decisions.decide(
        account.id, ids, State.ACCEPTED, guard.person().login, guard.context().now()
    )
    guard.audit(
        "takeover.pairs_accepted", str(tier), account, before={"pairs_proposed": len(ids)},
        after={"pairs_accepted": batch.accepted, "pairs_refused": batch.rejected},
    )  # fmt: skip
    pages.say("takeover_review.done.all", n=batch.accepted)
    return redirect(url_for("admin.takeover_review", domain=domain), 303)


def undo(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    taken = takeover_decisions.undo(account.id)
    if taken is None:
        pages.say("takeover_review.nothing_to_undo", "warn")
    else:
        guard.audit(
            "takeover.decision_undone",
            account.domain,
            account,
            after={"pairs_restored": taken.restored, "pairs_linked": taken.linked},
        )
        pages.say("takeover_review.done.undo", n=taken.restored)
        if taken.linked:
            pages.say("takeover_review.linked_already", "warn", n=taken.linked)
    return redirect(_back(domain, _filter(form), form, "pairs"), 303)


def adopt(domain: str) -> AnyResponse:
    """Links for what is accepted in one salon; nothing is written to amoCRM."""
    account, form = guard.account(domain), Form(request.form)
    company_id = form.number("salon")
    title = dict(_salons(account)).get(company_id or 0)
    if company_id is None or title is None:
        abort(404)
    try:
        work_id = adoption.start(guard.context(), account.id, company_id, guard.person().login)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    else:
        guard.audit("work.started", adoption.KIND, account, after={"work": work_id, "salon": title})
        pages.say("takeover_review.linking", salon=title)
    return redirect(url_for("admin.takeover_review", domain=domain), 303)


def _filter(form: Form) -> Filter:
    tier = form.choice("tier", TIERS)
    return Filter(form.choice("list", LISTS) or OPEN, Tier(tier) if tier else None, form.number("salon"))


def _chosen(wanted: Filter) -> dict[str, Any]:
    """What an address carries of a filter."""
    given: dict[str, object] = {
        "list": wanted.shown if wanted.shown != OPEN else None,
        "tier": wanted.tier,
        "salon": wanted.company_id,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _following(account: Account, wanted: Filter, row: PairRow) -> PairRow | None:
    return next(iter(takeover_pairs.page(account.id, wanted, (row.starts_at, row.id), 1)), None)


def _back(domain: str, wanted: Filter, form: Form, anchor: str) -> str:
    after = form.values.get("after", "")
    more: dict[str, Any] = {**_chosen(wanted), **({"after": after} if _place(after) else {})}
    return url_for("admin.takeover_review", domain=domain, _anchor=anchor, **more)


def _cursor(row: PairRow) -> str:
    return f"{row.starts_at.timestamp():.0f}-{row.id}"


def _place(text: str) -> tuple[datetime, int] | None:
    """Where a page begins; what is no place begins at the start."""
    seconds, _, row_id = text.partition("-")
    if not (seconds.isdecimal() and row_id.isdecimal() and len(seconds) < 11 and len(row_id) < 19):
        return None
    return datetime.fromtimestamp(int(seconds), UTC), int(row_id)


def _lists(account: Account, wanted: Filter) -> list[tuple[str, int]]:
    return [
        (name, takeover_pairs.count(account.id, Filter(name, wanted.tier, wanted.company_id)))
        for name in LISTS
    ]


def _tiers(account: Account, company_id: int | None) -> list[tuple[str, dict[str, int]]]:
    """How each tier stands, and how many of it can be accepted at once."""
    tallies = takeover_pairs.tallies(account.id, company_id)
    at_once = takeover_pairs.bulk_counts(account.id, company_id)

    def counts(tier: str) -> dict[str, int]:
        return {str(s): tallies.get((str(s), tier), 0) for s in State} | {"bulk": at_once.get(tier, 0)}

    return [(tier, counts(tier)) for tier in TIERS]


def _salons(account: Account) -> list[tuple[int, str]]:
    return [(row.company_id, row.title) for row in connections.of_account(account.id)]


def _waiting(account: Account, salons: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    """Salons with accepted pairs that have no link yet."""
    counts = [
        (company, title, takeover_pairs.count(account.id, Filter(str(State.ACCEPTED), None, company)))
        for company, title in salons
    ]
    return [one for one in counts if one[2]]
