"""How the parts of a configuration fit together: nothing named twice, nothing named that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.core.configuration import Branch, Direction, Route
from backend.core.document import Node, refuse_repeats

Read = Sequence[tuple[Node, Branch]]
ReadDirections = Sequence[tuple[Node, Direction]]
ReadRoutes = Sequence[tuple[Node, Route]]


def check(branches: Read, directions: ReadDirections, routes: ReadRoutes) -> None:
    """Complains to the nodes; each part has been read by itself before."""
    _no_repeats(branches, directions, routes)
    _one_default(directions)
    for kind in ("categories", "services"):
        _mapped_once(kind, directions)
        _known_branches(kind, branches, directions)
    for node, route in routes:
        _known_ends(node, route, branches, directions)


def _no_repeats(branches: Read, directions: ReadDirections, routes: ReadRoutes) -> None:
    """Titles too: they become the values of list fields, by which a lead is recognised."""
    refuse_repeats((branch.company_id, node.child("company_id", None)) for node, branch in branches)
    refuse_repeats(_titles(branches))
    refuse_repeats((direction.key, node.child("key", None)) for node, direction in directions)
    refuse_repeats(_titles(directions))
    refuse_repeats(((route.branch_id, route.direction), node) for node, route in routes)


def _titles(
    parts: Sequence[tuple[Node, Branch]] | Sequence[tuple[Node, Direction]],
) -> Iterable[tuple[object, Node]]:
    return ((part.title.casefold(), node.child("title", None)) for node, part in parts if part.title)


def _one_default(directions: ReadDirections) -> None:
    chosen = [node.child("default", None) for node, direction in directions if direction.is_default]
    for node in chosen[1:]:
        node.complain("configuration.two_defaults", first=chosen[0].path)


def _mapped_once(kind: str, directions: ReadDirections) -> None:
    """One category of one salon belongs to one direction; with two, chance would decide."""
    first: dict[tuple[int, int], str] = {}
    for node, direction in directions:
        for company_id, number in _pairs(kind, direction):
            owner = first.setdefault((company_id, number), direction.key)
            if owner != direction.key:
                where = node.child(kind, None).child(company_id, None)
                where.complain("configuration.mapped_twice", id=number, company_id=company_id, first=owner)


def _pairs(kind: str, direction: Direction) -> Iterable[tuple[int, int]]:
    by_branch = direction.categories if kind == "categories" else direction.services
    return ((company_id, number) for company_id, ids in by_branch.items() for number in sorted(ids))


def _known_branches(kind: str, branches: Read, directions: ReadDirections) -> None:
    known = {branch.company_id for _, branch in branches}
    for node, direction in directions:
        by_branch = direction.categories if kind == "categories" else direction.services
        for company_id in by_branch:
            if company_id not in known:
                node.child(kind, None).child(company_id, None).complain(
                    "configuration.unknown_branch", value=company_id
                )


def _known_ends(node: Node, route: Route, branches: Read, directions: ReadDirections) -> None:
    if route.branch_id not in {branch.company_id for _, branch in branches}:
        node.child("branch", None).complain("configuration.unknown_branch", value=route.branch_id)
    if route.direction not in {direction.key for _, direction in directions}:
        node.child("direction", None).complain("configuration.unknown_direction", value=route.direction)
