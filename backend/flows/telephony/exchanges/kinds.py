"""The kinds of PBX we know; screens, tests of a connection and clicks reach all of them through here."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.telephony.exchanges.kind import Check, Hears, Kind, Need, Shape, Tested
from backend.flows.telephony.exchanges.kind_asterisk import Asterisk
from backend.flows.telephony.exchanges.kind_cloud import Cloud
from backend.store.telephony.pbxes import Pbx

__all__ = ["KINDS", "Check", "Hears", "Kind", "Need", "Shape", "Tested", "door", "of", "test", "wake"]

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (Asterisk(), Cloud())}


def of(name: str) -> Kind:
    found = KINDS.get(name)
    if found is None:
        raise InvalidInput("telephony_kinds.unknown", kind=name)
    return found


def test(ctx: Context, pbx: Pbx) -> Tested:
    return of(pbx.kind).test(ctx, pbx)


def wake(ctx: Context, pbx: Pbx, dial_id: int) -> None:
    of(pbx.kind).wake(ctx, pbx, dial_id)


def door(ctx: Context, pbx: Pbx) -> str:
    return of(pbx.kind).door(ctx, pbx)
