"""Who gets whom: each booking one lead and each lead one booking, the surest whole chosen by a library's
assignment; what is not beyond doubt is left to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from backend.core.takeover.pairing import BY_ID, LOOK, Candidate, Pair, State, Tier, Why

Edge = tuple[
    int, int, int
]  # a visit and a deal of one component by their places, and how much the pair is worth
Solver = Callable[[Sequence[Edge]], Iterable[tuple[int, int]]]

# One pair of a tier outweighs all that a component may have of the tiers below it.
WORTH = {
    Tier.A: 10**15, Tier.A_MINUS: 10**13, Tier.B: 10**10, Tier.C: 10**8, Tier.E: 10**6, Tier.D: 10**5,
}  # fmt: skip
SIGNS = {
    Why.MENTION: 30_000, Why.LAG: 3_000, Why.SERVICES: 1_500, Why.TIME: 1_000, Why.PRICE: 500, Why.DAY: 200,
    Why.PERSON: 40_000, Why.MADE_BEFORE: -2_000, Why.SALON_DIFFERS: -5_000,
}  # fmt: skip
ACTIVE = 100
LIVELIEST = 50  # places that the activity of a component's leads is told apart by
STRENGTH = {Tier.A: 4, Tier.A_MINUS: 4, Tier.B: 3, Tier.C: 2, Tier.E: 1, Tier.D: 0}
FEW = 5  # open pairs of one booking, or of one lead, that a person is shown


def assign(found: Iterable[Candidate], solve: Solver) -> list[Pair]:
    """What becomes of every candidate; those that a surer pair made pointless are left out."""
    return [pair for group in components(found) for pair in _of_component(group, solve)]


def components(found: Iterable[Candidate]) -> list[list[Candidate]]:
    """Candidates that have no visit and no deal in common never compete."""
    roots: dict[str | int, str | int] = {}

    def root(node: str | int) -> str | int:
        while (above := roots.setdefault(node, node)) != node:
            roots[node] = roots[above]
            node = above
        return node

    everything = list(found)
    for one in everything:
        roots[root(one.visit.key)] = root(one.deal.id)
    groups: dict[str | int, list[Candidate]] = defaultdict(list)
    for one in everything:
        groups[root(one.visit.key)].append(one)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Solved:
    """A component: its candidates by visit and by deal, and the chosen one of each."""

    by_visit: dict[str, list[Candidate]]
    by_deal: dict[int, list[Candidate]]
    of_visit: dict[str, Candidate]
    of_deal: dict[int, Candidate]

    def rivals(self, one: Candidate) -> Iterable[Candidate]:
        for other in (*self.by_visit[one.visit.key], *self.by_deal[one.deal.id]):
            if other is not one:
                yield other

    def is_elsewhere(self, rival: Candidate, one: Candidate) -> bool:
        """The rival's other side is in a surer pair than this one would be."""
        taken = (
            self.of_deal.get(rival.deal.id)
            if rival.visit is one.visit
            else self.of_visit.get(rival.visit.key)
        )
        return taken is not None and STRENGTH[taken.tier] > STRENGTH[rival.tier] and taken is not one


def _of_component(group: list[Candidate], solve: Solver) -> list[Pair]:
    solved = _solved(group, solve)
    sure = [one for one in solved.of_visit.values() if _is_sure(one, solved)]
    visits, deals = {one.visit.key for one in sure}, {one.deal.id for one in sure}
    doubles = {deal for deal in solved.by_deal if deal not in deals and _is_double(deal, visits, solved)}
    left = [one for one in group if one.visit.key not in visits and one.deal.id not in deals | doubles]
    return [
        *(_pair(one, State.ACCEPTED, is_best=True) for one in sure),
        *(_pair(_named(deal, solved)[0], State.DUPLICATE, Why.DUPLICATE) for deal in sorted(doubles)),
        *_open(left, solved),
    ]


def _is_double(deal: int, taken: set[str], solved: _Solved) -> bool:
    """Every booking whose number it carries has another lead."""
    named = _named(deal, solved)
    return bool(named) and all(one.visit.key in taken for one in named)


def _named(deal: int, solved: _Solved) -> list[Candidate]:
    return [one for one in solved.by_deal[deal] if one.tier in BY_ID]


def _solved(group: list[Candidate], solve: Solver) -> _Solved:
    by_visit: dict[str, list[Candidate]] = defaultdict(list)
    by_deal: dict[int, list[Candidate]] = defaultdict(list)
    for one in group:
        by_visit[one.visit.key].append(one)
        by_deal[one.deal.id].append(one)
    chosen = group if len(group) == 1 else _chosen(group, list(by_visit), list(by_deal), solve)
    return _Solved(
        by_visit, by_deal, {one.visit.key: one for one in chosen}, {one.deal.id: one for one in chosen}
    )


def _chosen(group: list[Candidate], visits: list[str], deals: list[int], solve: Solver) -> list[Candidate]:
    place_of_visit = {key: place for place, key in enumerate(visits)}
    place_of_deal = {deal: place for place, deal in enumerate(deals)}
    lively = _liveliness(group)
    edges = {
        (place_of_visit[one.visit.key], place_of_deal[one.deal.id]): (one, _worth(one) + lively[one.deal.id])
        for one in group
    }
    matched = solve([(visit, deal, worth) for (visit, deal), (_, worth) in edges.items()])
    return [edges[pair][0] for pair in matched]


def _worth(one: Candidate) -> int:
    return WORTH[one.tier] + sum(SIGNS.get(why, 0) for why in one.reasons) + ACTIVE * one.visit.is_active


def _liveliness(group: list[Candidate]) -> dict[int, int]:
    """Deals by what has been done with them: of two with one number the livelier is kept."""
    deals = {one.deal.id: one.deal.activity for one in group}
    order = sorted(set(deals.values()))[-LIVELIEST:]
    return {deal: order.index(activity) if activity in order else 0 for deal, activity in deals.items()}


# What is beyond doubt


def _is_sure(one: Candidate, solved: _Solved) -> bool:
    """Adopted without asking: the table of §12.3, and nothing that speaks for another pair as well."""
    if one.tier in BY_ID:
        return _is_surely_named(one, solved)
    is_doubtful = one.has(Why.OLD, Why.NAMES_ANOTHER) or (
        one.has(Why.MADE_BEFORE) and not one.has(Why.MENTION)
    )
    if one.tier not in (Tier.B, Tier.C) or is_doubtful:
        return False
    if one.tier is Tier.C and not one.has(Why.WRITER):
        return False
    return all(_is_weaker(rival, one, solved) for rival in solved.rivals(one))


def _is_surely_named(one: Candidate, solved: _Solved) -> bool:
    """One booking's number stands on the lead, and of several such leads this is the livelier one."""
    if one.tier is Tier.A_MINUS and one.has(Why.OLD, Why.SALON_DIFFERS):
        return False
    if any(other.tier in BY_ID for other in solved.by_deal[one.deal.id] if other is not one):
        return False
    same = [other for other in solved.by_visit[one.visit.key] if other is not one and other.tier in BY_ID]
    return all((one.tier is Tier.A, one.deal.activity) > (o.tier is Tier.A, o.deal.activity) for o in same)


def _is_weaker(rival: Candidate, one: Candidate, solved: _Solved) -> bool:
    """It takes nothing from the certainty of this pair: it is of another, surer pair, or says much less.
    A booking named in a note weighs as much as a minute.
    """
    if solved.is_elsewhere(rival, one):
        return True
    if rival.tier in BY_ID or (rival.has(Why.MENTION) and not one.has(Why.MENTION)):
        return False
    is_named_alone = one.has(Why.MENTION) and not rival.has(Why.MENTION)
    return is_named_alone or STRENGTH[rival.tier] < STRENGTH[one.tier]


# What a person is asked


def _open(found: list[Candidate], solved: _Solved) -> list[Pair]:
    """The chosen pair of each booking and lead, and the best of the others; equal ones are told as a tie."""
    of_visits: dict[str, int] = defaultdict(int)
    of_deals: dict[int, int] = defaultdict(int)
    pairs = []
    for one in sorted(found, key=lambda one: (-_worth(one), one.visit.key, one.deal.id)):
        is_best = solved.of_visit.get(one.visit.key) is one
        if not is_best and max(of_visits[one.visit.key], of_deals[one.deal.id]) >= FEW:
            continue
        of_visits[one.visit.key] += 1
        of_deals[one.deal.id] += 1
        is_tie = any(_worth(rival) == _worth(one) for rival in solved.rivals(one))
        pairs.append(_pair(one, State.PROPOSED, *((Why.TIE,) if is_tie else ()), is_best=is_best))
    return pairs


def _pair(one: Candidate, state: State, *more: Why, is_best: bool = False) -> Pair:
    order = list(Why)
    reasons = sorted({*one.reasons, *more}, key=order.index)
    return Pair(one.visit.key, one.deal.id, one.tier, tuple(reasons), state, is_best)


__all__ = ["LOOK", "Edge", "Solver", "assign", "components"]
