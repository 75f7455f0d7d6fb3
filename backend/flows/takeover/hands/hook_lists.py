"""The list of addresses that a salon tells its news: the other widget's goes out, ours stays, and back again.
Every write is made of what stands there at that moment: it replaces the whole list, strangers' too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from backend.core.errors import NeedsHuman
from backend.core.takeover import cutover
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.salons import salons
from backend.integrations.yclients.client import YclientsClient
from backend.store import connections
from backend.store.connections import BranchRow


@dataclass(frozen=True, slots=True)
class HookList:
    """`urls` None: this salon's list cannot be read; `ours` is our address."""

    urls: tuple[str, ...] | None
    ours: str

    @property
    def strangers(self) -> tuple[str, ...]:
        return cutover.strangers(self.urls or (), self.ours)

    @property
    def has_ours(self) -> bool:
        return self.ours in (self.urls or ())


def branch_of(account_id: int, company_id: int) -> BranchRow:
    """NeedsHuman when the salon is not connected."""
    branch = connections.get(account_id, company_id)
    if branch is None or not branch.user_token:
        raise NeedsHuman("yclients.not_connected", company_id=company_id)
    return branch


def read(ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive = nothing) -> HookList:
    branch = branch_of(account_id, company_id)
    settings = ctx.yclients(account_id, company_id, keep_alive).hooks(company_id)
    urls = tuple(str(url) for url in settings.get("urls") or ()) if settings else None
    return HookList(urls, salons.hook_url(ctx, branch))


def remove(
    ctx: Context, account_id: int, company_id: int, removed: Collection[str], keep_alive: KeepAlive = nothing
) -> tuple[list[str], list[str]]:
    """One write without these addresses and with ours; what stood there and what stands there now. Done again
    it changes nothing. NeedsHuman when the list cannot be read.
    """
    client, ours = _open(ctx, account_id, company_id, keep_alive)
    before = client.change_urls(company_id, lambda urls: cutover.without(urls, removed, ours))
    return before, cutover.without(before, removed, ours)


def restore(
    ctx: Context, account_id: int, company_id: int, kept: Mapping[str, Any], keep_alive: KeepAlive = nothing
) -> list[str]:
    """The list of the snapshot again: `kept` names what stood there (`urls`), what we took out (`removed`)
    and what we wrote (`written`). What others did since stays. Nothing was taken out: nothing is written.
    """
    removed = kept.get("removed") or []
    if not removed:
        return list(kept.get("urls") or [])
    client, _ = _open(ctx, account_id, company_id, keep_alive)
    wanted: list[str] = []

    def change(now: list[str]) -> list[str]:
        wanted[:] = cutover.restored(now, kept.get("written") or [], kept.get("urls") or [], removed)
        return list(wanted)

    client.change_urls(company_id, change)
    return wanted


def _open(
    ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive
) -> tuple[YclientsClient, str]:
    branch = branch_of(account_id, company_id)
    return ctx.yclients(account_id, company_id, keep_alive), salons.hook_url(ctx, branch)
