"""«Проверить» beside a connection: the PBX itself, and its call tables when it has some."""

from __future__ import annotations

from dataclasses import replace

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.flows.telephony import kinds, repair
from backend.flows.telephony.kind import Check, Tested
from backend.store.telephony.pbxes import Pbx


def test(ctx: Context, pbx: Pbx) -> Tested:
    """Nothing is changed by it, here or there."""
    tested = kinds.test(ctx, pbx)
    return replace(tested, checks=(*tested.checks, *_tables(pbx)))


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
