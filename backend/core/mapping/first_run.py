"""The way from an empty account to the first synced booking: eight steps, and which of them is next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.core.rules.configuration import Branch, Configuration, Mode
from backend.core.salon import Phase

NEEDED_PHASE = Phase.WAITING  # where a new deal stands; whether it moves on from there is the salon's choice


class Step(StrEnum):
    CRM = "crm"
    YCLIENTS = "yclients"
    SALONS = "salons"
    DIRECTIONS = "directions"
    ROUTES = "routes"
    STAGES = "stages"
    BOOKING = "booking"
    SWITCH_ON = "switch_on"


@dataclass(frozen=True, slots=True)
class Facts:
    """`categories`: ids of the service categories that each salon has now, by company id. `with_access`:
    companies that we hold a token of.
    """

    is_connected: bool
    is_read: bool
    configuration: Configuration
    categories: Mapping[int, frozenset[int]] = field(default_factory=dict)
    with_access: frozenset[int] = frozenset()
    has_booking: bool = False


@dataclass(frozen=True, slots=True)
class StepState:
    """`left` is how many things of this step still wait: categories, cells of the matrix, routes, salons."""

    step: Step
    is_done: bool
    is_next: bool = False
    left: int = 0


def steps(facts: Facts) -> tuple[StepState, ...]:
    """All eight in order; the first one that is not done is the next."""
    rules = facts.configuration
    unmapped, unrouted, unstaged = _unmapped(facts), _unrouted(facts), _unstaged(rules)
    idle = [branch for branch in rules.branches if branch.mode is not Mode.ACTIVE]
    working = len(rules.branches) - len(idle)
    told = (
        (Step.CRM, facts.is_connected and facts.is_read, 0),
        (Step.YCLIENTS, bool(facts.with_access), 0),
        (Step.SALONS, bool(_served(rules)), 0),
        (Step.DIRECTIONS, bool(rules.directions) and not unmapped, unmapped),
        (Step.ROUTES, bool(rules.routes) and not unrouted, unrouted),
        (Step.STAGES, bool(rules.routes) and not unstaged, unstaged),
        (Step.BOOKING, facts.has_booking, 0),
        (Step.SWITCH_ON, working > 0, len(idle)),
    )
    first = next((step for step, is_done, _ in told if not is_done), None)
    return tuple(StepState(step, is_done, step is first, left) for step, is_done, left in told)


def is_over(states: Iterable[StepState]) -> bool:
    return all(state.is_done for state in states)


def missing_routes(facts: Facts) -> tuple[tuple[int, str], ...]:
    """Salon and direction whose bookings have nowhere to go."""
    rules = facts.configuration
    routed = {(route.branch_id, route.direction) for route in rules.routes}
    return tuple(
        (branch.company_id, key)
        for branch in _served(rules)
        for key in _directions_of(facts, branch)
        if (branch.company_id, key) not in routed
    )


def _served(rules: Configuration) -> list[Branch]:
    return [branch for branch in rules.branches if branch.mode is not Mode.OFF]


def _directions_of(facts: Facts, branch: Branch) -> list[str]:
    """Directions that bookings of this salon have: those mapped for it, and the default one for the rest."""
    company, rules = branch.company_id, facts.configuration
    own = [d.key for d in rules.directions if d.categories.get(company) or d.services.get(company)]
    default = rules.default_direction
    if default and default.key not in own and _strays(facts, branch):
        own.append(default.key)
    return own


def _strays(facts: Facts, branch: Branch) -> frozenset[int]:
    """Categories of the salon that no direction names."""
    company, directions = branch.company_id, facts.configuration.directions
    known = frozenset[int]().union(*(d.categories.get(company, frozenset()) for d in directions))
    return facts.categories.get(company, frozenset()) - known


def _unmapped(facts: Facts) -> int:
    """Categories without a direction; a default one takes them all."""
    rules = facts.configuration
    return 0 if rules.default_direction else sum(len(_strays(facts, branch)) for branch in _served(rules))


def _unrouted(facts: Facts) -> int:
    return len(missing_routes(facts))


def _unstaged(rules: Configuration) -> int:
    return sum(NEEDED_PHASE not in route.stages for route in rules.routes)
