"""When only a person can help: exactly the scope of the trouble stops, and says so where people look."""

from __future__ import annotations

import logging

from backend.core.errors import NeedsHuman
from backend.flows.context import Context
from backend.store import accounts, alarms, connections

log = logging.getLogger(__name__)

SWITCHED_OFF = ("amocrm.unauthorized", "amocrm.tokens_revoked")


def stop(ctx: Context, account_id: int, error: NeedsHuman) -> None:
    """Pauses the account or the salon; a route or a field stops by its blocked events alone."""
    scope = error.scope
    if error.code in SWITCHED_OFF:  # 401 even after a refresh: an admin switched us off (amocrm.md §1.5)
        remove(ctx, account_id)
    elif scope.kind == "account":
        accounts.pause(account_id, error.code, str(error), ctx.now())
    elif scope.kind == "branch":
        connections.pause(account_id, int(scope.key), error.code, str(error))
    alarms.raise_alarm(account_id, error.code, scope.kind, scope.key, error.details, ctx.now())
    log.warning("stopped scope=%s:%s code=%s", scope.kind, scope.key, error.code)


def remove(ctx: Context, account_id: int) -> None:
    """Uninstalled: tokens are wiped, hooks ignored, the configuration stays for a reinstall."""
    accounts.remove(account_id, ctx.now())
    log.info("account removed account_id=%d", account_id)
