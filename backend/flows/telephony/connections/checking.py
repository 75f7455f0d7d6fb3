"""«Проверить» beside a connection: the PBX itself with its call tables when it has some, and amoCRM."""

from __future__ import annotations

from dataclasses import replace

from backend.core.errors import AppError, InvalidInput
from backend.flows.context import Context
from backend.flows.rules import schemas
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.exchanges.alone import alone
from backend.flows.telephony.exchanges.kind import Check, Tested
from backend.flows.telephony.hearing import repair
from backend.store.telephony.pbxes import Pbx


def test(ctx: Context, pbx: Pbx) -> Tested:
    """Nothing is changed by it, here or there."""
    try:
        with alone(ctx, pbx.account_id):
            tested = kinds.test(ctx, pbx)
            return replace(tested, checks=(*tested.checks, *_tables(pbx)))
    except InvalidInput as error:
        return Tested((Check(error.code, is_good=False, details=error.details),))


def crm(ctx: Context, account_id: int) -> Tested:
    """Whether amoCRM answers and knows us, and whether we see the people whose calls these are."""
    try:
        client = ctx.amo(account_id)
        name, users = client.account().name, schemas.refresh(account_id, client).users
    except AppError as error:
        return Tested((Check(error.code, is_good=False, details=error.details),))
    working = sum(user.is_active for user in users)
    return Tested((Check("telephony_connections.crm_reached", details={"name": name, "n": working}),))


def _tables(pbx: Pbx) -> tuple[Check, ...]:
    """Whether they can be read, and whether CEL tells everything that a call follows from."""
    if not repair.has_tables(pbx):
        return ()
    try:
        missing = repair.missing(pbx)
    except AppError as error:
        return (Check(error.code, is_good=False, details=error.details),)
    reached = Check("telephony_connections.tables_reached")
    if not missing:
        return (reached,)
    setting = f"cel.conf: events = {','.join(missing)}"
    return (
        reached,
        Check("pbx.setting_missing", is_good=False, is_warning=True, details={"setting": setting}),
    )
