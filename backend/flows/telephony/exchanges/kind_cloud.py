"""The second kind: a PBX in a cloud, that tells by webhooks and dials when it is asked by HTTP."""

from __future__ import annotations

import json

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.flows.telephony.exchanges.kind import Check, Hears, Need, Shape, Tested
from backend.integrations.cloud_pbx import client
from backend.integrations.cloud_pbx.client import CloudPbx, Office
from backend.store import events, lanes
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

DIALS_LANE = "dials"
DIAL_ASKED = "dial.asked"
SOURCE = "cloud_pbx"


def connected(ctx: Context, pbx: Pbx) -> CloudPbx:
    """InvalidInput when its address is none."""
    return client.connect(ctx.outside, str(pbx.options.get("url", "")), str(pbx.options.get("key", "")))


class Cloud:
    """`secret` of its `Pbx` is what its notices are signed with."""

    name = pbxes.CLOUD
    hears = Hears.WEBHOOKS
    needs = (
        Need("options.url", Shape.ADDRESS),
        Need("options.key", Shape.HIDDEN),
        Need("secret", Shape.HIDDEN),
    )

    def test(self, ctx: Context, pbx: Pbx) -> Tested:
        try:
            office = connected(ctx, pbx).office()
        except AppError as error:
            return Tested((Check(error.code, is_good=False, details=error.details),))
        return Tested((Check("telephony_kinds.cloud.reached"), *self._found(ctx, pbx, office)), office.name)

    def wake(self, ctx: Context, pbx: Pbx, dial_id: int) -> None:
        """An event of its own lane: whoever works the queue of calls dials."""
        events.record(
            ctx.now(), account_id=pbx.account_id, branch_id=None, lane=DIALS_LANE, subject=f"dial:{dial_id}",
            source=SOURCE, kind=DIAL_ASKED, dedup_key=f"dial:{dial_id}",
            body=json.dumps({"pbx_id": pbx.id, "dial_id": dial_id}), settle_seconds=0,
        )  # fmt: skip
        ctx.ring(lanes.lane_id(pbx.account_id, DIALS_LANE))

    def door(self, ctx: Context, pbx: Pbx) -> str:
        return f"{ctx.settings.public_url}/hooks/pbx/{pbx.token}" if pbx.token else ""

    def _found(self, ctx: Context, pbx: Pbx, office: Office) -> tuple[Check, ...]:
        """What would make it silent: no signing key, no phones, notices that go elsewhere."""
        door = self.door(ctx, pbx)
        checks = (
            Check("telephony_kinds.cloud.unsigned", is_good=bool(pbx.secret)),
            Check("telephony_kinds.cloud.no_phones", is_good=bool(office.extensions)),
            Check(
                "telephony_kinds.cloud.notices_elsewhere",
                is_good=bool(door) and office.webhook == door,
                details={"address": office.webhook or "—", "door": door},
            ),
        )
        phones = ", ".join(office.extensions)
        return (
            Check("telephony_kinds.cloud.phones", details={"phones": phones, "n": len(office.extensions)}),
            *(check for check in checks if not check.is_good),
        )


def point_here(ctx: Context, pbx: Pbx) -> None:
    """Has the PBX send its notices to us: whoever saved the connection need not carry our address there."""
    connected(ctx, pbx).send_notices_to(Cloud().door(ctx, pbx))
