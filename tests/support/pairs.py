"""Bookings and leads of another integration that may belong together, and the pairs found between them."""

import itertools
from dataclasses import replace
from datetime import timedelta

from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.takeover import assignment, pairing
from backend.core.takeover.sides import Deal, Named, Visit, When
from tests.support.facts import NOW

MARIA, VERA = "+79990000001", "+79990000002"
AHEAD = timedelta(hours=3)
MADE = NOW - timedelta(days=3)
PIPELINE = 8001


def visit(number=1, **changes):
    starts = changes.pop("starts_at", NOW)
    usual = Visit(
        f"yclients:41001:{number}", 41001, number, 0, MARIA, starts, (starts + AHEAD).replace(tzinfo=None),
        MADE, Phase.WAITING, Kopecks(250000), ("Лазер",),
    )  # fmt: skip
    made = replace(usual, **changes)
    return replace(made, key=f"yclients:{made.branch_id}:{number}")


def deal(number=101, **changes):
    """GET8's lead of the usual visit, without any mark."""
    usual = Deal(
        number, PIPELINE, False, MADE + timedelta(seconds=30), True, frozenset({MARIA}),
        frozenset({Kopecks(250000)}), when=When(frozenset({NOW})), services=("лазер",),
    )  # fmt: skip
    return replace(usual, **changes)


def named(number=101, record=1, **changes):
    return deal(number, named=(Named(record),), **changes)


def by_force(edges):
    """The assignment of greatest worth, by looking at all there are."""
    worth = {(visit, deal): value for visit, deal, value in edges}
    visits, deals = {v for v, _ in worth}, sorted({d for _, d in worth})
    choices = itertools.permutations([*deals, *([None] * len(visits))], len(visits))
    ways = (
        [(v, d) for v, d in zip(sorted(visits), chosen, strict=True) if (v, d) in worth] for chosen in choices
    )
    return max(ways, key=lambda pairs: sum(worth[pair] for pair in pairs))


def found(visits, deals, homes=None, now=NOW):
    candidates = pairing.candidates(pairing.index(visits), deals, now, homes)
    return assignment.assign(candidates, by_force)


def states(pairs):
    return {(pair.key.split(":")[2], pair.lead_id): (str(pair.tier), str(pair.state)) for pair in pairs}


def one(visits, deals, **more):
    (pair,) = found(visits, deals, **more)
    return pair


def later(hours):
    return deal(when=When(frozenset({NOW + timedelta(hours=hours)})))
