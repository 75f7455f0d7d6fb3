"""What the mapping screens look at: the board of categories, lists read anew, an example booking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from backend.core.crm import CrmSchema
from backend.core.errors import TryLater
from backend.core.mapping import mapping
from backend.core.mapping.mapping import Board, Offered, Pair
from backend.core.rules.configuration import Configuration, Mode
from backend.flows.context import Context
from backend.flows.rules import catalogue, configuration, schemas
from backend.store import alarms, connections, offered
from backend.store.accounts import Account
from backend.store.offered import ServiceRow

UNMAPPED = "category_unmapped"
SOURCE = "panel"  # of the events that somebody asked for on a screen


def board(account_id: int) -> Board:
    """Every category that the salons in work offer, those somebody mapped although they are gone, and those
    that bookings came with although they are gone.
    """
    rules = configuration.current(account_id)
    companies = {branch.company_id for branch in rules.branches if branch.mode is not Mode.OFF}
    wanted = _mapped(rules) | _asked_for(account_id)
    counts, apart = offered.counts(account_id), _apart(account_id, rules)
    found: dict[Pair, Offered] = {}
    for company, category, title, is_gone in offered.categories(account_id):
        pair = (company, category)
        if company in companies and (not is_gone or pair in wanted):
            found[pair] = Offered(*pair, title, counts.get(pair, 0), apart.get(pair, 0), is_gone)
    for company, category in wanted - found.keys():
        if company in companies and category:
            found[company, category] = Offered(company, category, f"№ {category}", is_gone=True)
    for pair, count in counts.items():
        if pair[0] in companies and pair[1] == mapping.NO_CATEGORY:
            found[pair] = Offered(*pair, "", count, apart.get(pair, 0))
    return mapping.board(found.values(), rules)


def categories(account_id: int) -> dict[int, frozenset[int]]:
    """Company id → ids of the categories it offers now."""
    found: dict[int, set[int]] = {}
    for company, category, _, is_gone in offered.categories(account_id):
        if not is_gone:
            found.setdefault(company, set()).add(category)
    return {company: frozenset(numbers) for company, numbers in found.items()}


def schema(account_id: int) -> CrmSchema | None:
    """What was read of amoCRM last; None before the first time."""
    try:
        return schemas.load(account_id)
    except TryLater:
        return None


def services(account_id: int, places: Iterable[Pair]) -> dict[Pair, list[ServiceRow]]:
    """The services behind a card, by salon and category."""
    return {pair: offered.services_in(account_id, *pair) for pair in places}


def _mapped(rules: Configuration) -> set[Pair]:
    return {
        (company, category)
        for direction in rules.directions
        for company, numbers in direction.categories.items()
        for category in numbers
    }


def _asked_for(account_id: int) -> set[Pair]:
    """Categories that a booking came with and nobody has mapped."""
    scopes = (alarm.scope_key for alarm in alarms.open_alarms(account_id) if alarm.code == UNMAPPED)
    return {pair for scope in scopes for pair in mapping.pairs(scope)}


def _apart(account_id: int, rules: Configuration) -> dict[Pair, int]:
    """Salon and category → how many of its services have a direction of their own."""
    own = [
        (company, service)
        for direction in rules.directions
        for company, numbers in direction.services.items()
        for service in numbers
    ]
    found: dict[Pair, int] = {}
    for (company, _), category in offered.categories_of(account_id, own).items():
        found[company, category] = found.get((company, category), 0) + 1
    return found


# Reading anew


def read_crm(ctx: Context, account: Account) -> None:
    """Pipelines, people and fields as amoCRM has them now."""
    schemas.refresh(account.id, ctx.amo(account.id))


def read_salons(ctx: Context, account: Account) -> int:
    """Orders the price lists of all salons in work; they are read in their turn. How many will be."""
    rules = configuration.current(account.id)
    companies = {branch.company_id for branch in rules.branches if branch.mode is not Mode.OFF}
    rows = [row for row in connections.of_account(account.id) if row.company_id in companies]
    catalogue.order(ctx, rows, SOURCE)
    return len(rows)


def salons_read_at(account_id: int) -> Mapping[int, datetime]:
    return offered.read_at(account_id)


def with_routes(rules: Configuration, key: str) -> int:
    """How many routes lead the bookings of this direction."""
    return sum(route.direction == key for route in rules.routes)
