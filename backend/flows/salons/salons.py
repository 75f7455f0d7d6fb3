"""Salons of an account: connect those behind a key, tell YCLIENTS our address, switch, look, disconnect."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from backend.core.errors import AppError, InvalidInput, Scope
from backend.core.rules.configuration import Branch, Configuration, Direction, Mode
from backend.flows.context import Context
from backend.flows.rules import configuration_edit
from backend.flows.rules.configuration_write import ImportResult
from backend.flows.salons import installs, looks
from backend.flows.salons.access import Access
from backend.flows.salons.looks import Look, Told
from backend.flows.vendors import clients
from backend.integrations.yclients.partner import Company
from backend.store import alarms, connections, events, in_force, lanes
from backend.store.accounts import Account
from backend.store.connections import BranchRow

log = logging.getLogger(__name__)

PARTS = ("branches",)
ALL_PARTS = ("branches", "directions", "routes")  # a salon that leaves is named in all of them


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody ticked, on a form drawn from version `base`."""

    company_ids: frozenset[int]
    base: int
    author: str
    with_hooks: bool = True


@dataclass(frozen=True, slots=True)
class Connected:
    """`silent` are salons that are connected while YCLIENTS would not tell us their news, with its reason."""

    result: ImportResult
    silent: Mapping[int, AppError]


def hook_url(ctx: Context, branch: BranchRow) -> str:
    return f"{ctx.settings.public_url}/hooks/yclients/{branch.hook_secret}"


def connect(ctx: Context, account: Account, access: Access, wish: Wish) -> Connected:
    """New salons begin in observation; known ones only get the new key. Nothing is written for a choice
    that YCLIENTS does not wait for.
    """
    chosen = [company for company in access.companies if company.id in wish.company_ids]
    if not chosen:
        raise InvalidInput("salons.none_chosen")
    invited = tuple(company.id for company in chosen if company.id in access.invited)
    if invited:
        installs.refuse_unready(ctx, invited)
    result = configuration_edit.edit(
        ctx, account, wish.base, PARTS, lambda before: with_companies(before, chosen, account.timezone),
        wish.author, tokens={company.id: access.token for company in chosen},
    )  # fmt: skip
    if result.number is None:
        return Connected(result, {})
    telling = [company for company in chosen if wish.with_hooks or company.id in invited]
    return Connected(result, _tell(ctx, account.id, telling, invited))


def with_companies(
    before: Configuration, companies: Iterable[Company], timezone: str | None
) -> Configuration:
    """The very first salons bring the account's own time zone along."""
    after = before
    if not before.branches and not before.directions and timezone:
        after = replace(after, timezone=timezone)
    for company in companies:
        if after.branch(company.id) is None:
            branch = Branch(company.id, _title(company, after), Mode.OBSERVE)
            after = replace(after, branches=(*after.branches, branch))
    return after


def without_company(before: Configuration, company_id: int) -> Configuration:
    """The salon, its routes and its part of every direction."""
    return replace(
        before,
        branches=tuple(branch for branch in before.branches if branch.company_id != company_id),
        routes=tuple(route for route in before.routes if route.branch_id != company_id),
        directions=tuple(_without(direction, company_id) for direction in before.directions),
    )


def disconnect(ctx: Context, account: Account, company_id: int, base: int, author: str) -> ImportResult:
    """Out of the document, our address out of YCLIENTS, the key forgotten. Leads stay as they are."""
    result = configuration_edit.edit(
        ctx, account, base, ALL_PARTS, lambda before: without_company(before, company_id), author
    )
    row = connections.get(account.id, company_id)
    if result.problems or row is None:
        return result
    if row.user_token:
        _take_leave(ctx, row)
    connections.forget_token(account.id, company_id)
    looks.forget(ctx, account.id, company_id)
    alarms.resolve(account.id, scope_kind="branch", scope_key=str(company_id))
    return result


def resume(ctx: Context, account_id: int, company_id: int) -> int:
    """A person has mended what stopped this salon; returns how many events came alive."""
    scope = Scope("branch", str(company_id))
    connections.resume(account_id, company_id)
    alarms.resolve(account_id, scope_kind=scope.kind, scope_key=scope.key)
    revived = events.unblock(account_id, scope)
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
    return revived


def own_zone(ctx: Context, account_id: int, company_id: int) -> None:
    """Back to the time zone that YCLIENTS knows, after one that somebody had chosen."""
    zone = ctx.yclients(account_id, company_id).company(company_id).timezone
    in_force.save_timezone(_row(account_id, company_id).id, zone)


def look(ctx: Context, account_id: int, company_id: int) -> Look:
    """Rights and hooks as they are now."""
    row = _row(account_id, company_id)
    client = clients.yclients_by(ctx, row.user_token or "")
    return looks.take(ctx, account_id, company_id, client, hook_url(ctx, row))


def look_ahead(ctx: Context, access: Access, company_id: int) -> Look:
    """The rights of a salon before it is connected, or connected anew."""
    row = connections.get(access.account_id, company_id)
    url = hook_url(ctx, row) if row is not None else ""
    return looks.take(ctx, access.account_id, company_id, clients.yclients_by(ctx, access.token), url)


def tell(ctx: Context, account_id: int, company_id: int) -> None:
    """Our address joins those that YCLIENTS tells the salon's news to."""
    row = _row(account_id, company_id)
    ctx.yclients(account_id, company_id).set_hooks(company_id, hook_url(ctx, row))
    looks.note(ctx, account_id, company_id, Told.SETTINGS)


def _tell(
    ctx: Context, account_id: int, companies: Iterable[Company], invited: Collection[int]
) -> dict[int, AppError]:
    silent: dict[int, AppError] = {}
    for company in companies:
        try:
            if company.id in invited:
                installs.finish(ctx, company.id, hook_url(ctx, _row(account_id, company.id)))
                looks.note(ctx, account_id, company.id, Told.MARKETPLACE)
            else:
                tell(ctx, account_id, company.id)
        except AppError as error:
            log.warning("salon silent company_id=%d code=%s", company.id, error.code)
            silent[company.id] = error
    return silent


def _take_leave(ctx: Context, row: BranchRow) -> None:
    try:
        clients.yclients_by(ctx, row.user_token or "").drop_hooks(row.company_id, hook_url(ctx, row))
    except AppError as error:  # it stays there; what it brings is skipped, for the salon is off
        log.warning("address left behind company_id=%d code=%s", row.company_id, error.code)


def _row(account_id: int, company_id: int) -> BranchRow:
    row = connections.get(account_id, company_id)
    if row is None:
        raise InvalidInput("configuration.no_branch", company_id=company_id)
    return row


def _title(company: Company, before: Configuration) -> str:
    """Salons of a network often share a name, and leads are told apart by it."""
    taken = {branch.title.casefold() for branch in before.branches}
    wanted = (company.title, f"{company.title}, {company.city}" if company.city else company.title)
    free = (title for title in wanted if title.casefold() not in taken)
    return next(free, f"{company.title} № {company.id}")


def _without(direction: Direction, company_id: int) -> Direction:
    categories = {key: ids for key, ids in direction.categories.items() if key != company_id}
    services = {key: ids for key, ids in direction.services.items() if key != company_id}
    return replace(direction, categories=categories, services=services)
