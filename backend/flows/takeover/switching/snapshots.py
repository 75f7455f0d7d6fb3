"""Everything as it stands before a switch: what the way back needs, and what tells people later what was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import AppError
from backend.flows.context import Context, KeepAlive
from backend.flows.rules import configuration
from backend.flows.takeover.hands import hook_lists
from backend.integrations.amocrm import surroundings
from backend.integrations.http import JsonObject
from backend.store import cutovers

SHOWN = ("name", "code", "id", "uuid")


def take(ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive) -> dict[str, Any]:
    """`urls` None: the salon's list cannot be read; `widgets` None: amoCRM does not show them."""
    listed = hook_lists.read(ctx, account_id, company_id, keep_alive)
    client = ctx.amo(account_id, keep_alive)
    return {
        "at": ctx.now().isoformat(),
        "urls": list(listed.urls) if listed.urls is not None else None,
        "ours": listed.ours,
        "crm_urls": list(client.webhooks()),
        "widgets": _names(_widgets(ctx, account_id, keep_alive)),
        "version": configuration.number(account_id),
        "links": cutovers.links_of(account_id, company_id),
    }


def in_short(taken: Mapping[str, Any]) -> dict[str, Any]:
    """For the timeline."""
    return {
        "urls": len(taken["urls"]) if taken["urls"] is not None else None,
        "crm_urls": len(taken["crm_urls"]),
        "widgets": len(taken["widgets"]) if taken["widgets"] is not None else None,
        "version": taken["version"], "links": taken["links"],
    }  # fmt: skip


def _widgets(ctx: Context, account_id: int, keep_alive: KeepAlive) -> list[JsonObject] | None:
    """Without the right to see them the switch goes on all the same."""
    try:
        return surroundings.widgets(ctx.amo(account_id, keep_alive))
    except AppError:
        return None


def _names(rows: list[JsonObject] | None) -> list[str] | None:
    if rows is None:
        return None
    return [next((str(row[name]) for name in SHOWN if row.get(name)), "") for row in rows]
