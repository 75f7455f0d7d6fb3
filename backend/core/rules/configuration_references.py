"""How the parts of a configuration fit together: nothing named twice, nothing named that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.core.rules.configuration import Branch, Direction, Route
from backend.core.rules.document import Node, refuse_repeats
from backend.core.rules.options import NextLead, Options

Read = Sequence[tuple[Node, Branch]]
ReadDirections = Sequence[tuple[Node, Direction]]
ReadRoutes = Sequence[tuple[Node, Route]]


def check(
    branches: Read, directions: ReadDirections, routes: ReadRoutes, chosen: tuple[Node, Options]
) -> None:
    """Complains to the nodes. Each part was read by itself before; one without an id has 0 or ""."""
    _no_repeats(branches, directions, routes)
    _one_default(directions)
    for kind in ("categories", "services"):
        _mapped_once(kind, directions)
    salons = {branch.company_id for _, branch in branches}
    if 0 not in salons:  # else the one that is not found may be the unreadable one
        _known_branches(salons, directions, routes)
    _known_directions({direction.key for _, direction in directions}, branches, routes)
    _place_of_next_leads(*chosen, routes)


def _no_repeats(branches: Read, directions: ReadDirections, routes: ReadRoutes) -> None:
    """Titles too: they become the values of list fields, by which a lead is recognised."""
    refuse_repeats((b.company_id, node.child("company_id", None)) for node, b in branches if b.company_id)
    refuse_repeats((b.title.casefold(), node.child("title", None)) for node, b in branches if b.title)
    refuse_repeats((d.key, node.child("key", None)) for node, d in directions if d.key)
    refuse_repeats((d.title.casefold(), node.child("title", None)) for node, d in directions if d.title)
    refuse_repeats(((r.branch_id, r.direction), node) for node, r in routes if r.branch_id and r.direction)


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


def _known_branches(salons: set[int], directions: ReadDirections, routes: ReadRoutes) -> None:
    for node, direction in directions:
        for kind, by_branch in (("categories", direction.categories), ("services", direction.services)):
            for company_id in sorted(by_branch.keys() - salons):
                where = node.child(kind, None).child(company_id, None)
                where.complain("configuration.unknown_branch", value=company_id)
    for node, route in routes:
        if route.branch_id and route.branch_id not in salons:
            node.child("branch", None).complain("configuration.unknown_branch", value=route.branch_id)


def _known_directions(keys: set[str], branches: Read, routes: ReadRoutes) -> None:
    if "" in keys:  # the one that is not found may be the unreadable one
        return
    for node, branch in branches:
        for staff_id, master in branch.staff.items():
            if master.direction and master.direction not in keys:
                where = node.child("staff", None).child(staff_id, None).child("direction", None)
                where.complain("configuration.unknown_direction", value=master.direction)
    for node, route in routes:
        if route.direction and route.direction not in keys:
            node.child("direction", None).complain("configuration.unknown_direction", value=route.direction)


def _place_of_next_leads(node: Node, options: Options, routes: ReadRoutes) -> None:
    """A lead that we open ourselves begins in a stage that somebody has named."""
    if options.next_lead is not NextLead.OURS:
        return
    for where, route in routes:
        if route.trigger_pipeline_id and not route.trigger_stage_id:
            where.child("trigger", None).child("stage", None).complain("configuration.next_lead_stage")
    if all(route.trigger_pipeline_id is None for _, route in routes):
        node.child("next_lead", None).complain("configuration.next_lead_nowhere")
