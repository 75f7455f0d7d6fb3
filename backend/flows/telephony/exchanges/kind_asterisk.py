"""The first kind: an Asterisk that we hold a connection to."""

from __future__ import annotations

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.flows.telephony.exchanges.kind import Check, Hears, Need, Shape, Tested
from backend.integrations.asterisk.probe import probe
from backend.integrations.asterisk.wire import Address
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

WARNINGS = ("pbx.right_dangerous", "pbx.right_superfluous", "pbx.setting_useful")
DIALS = "mostik:dials:{}"  # a list in Redis: the keeper of the connection sleeps on it


class Asterisk:
    """Its tables, recordings and whom-to-ring are options with screens of their own."""

    name = pbxes.ASTERISK
    hears = Hears.LISTENER
    needs = (
        Need("host"),
        Need("port", Shape.PORT, default="5039"),
        Need("tls", Shape.FLAG, is_required=False, default="yes"),
        Need("options.ca", Shape.LONG, is_required=False),
        Need("options.fingerprint", is_required=False),
        Need("login"),
        Need("secret", Shape.HIDDEN),
    )

    def test(self, ctx: Context, pbx: Pbx) -> Tested:  # noqa: ARG002 - as every kind's
        """Logs in and asks; what only shows while calls go on stands in the state of the connection."""
        try:
            found = probe(address(pbx))
        except AppError as error:
            return Tested((Check(error.code, is_good=False, details=error.details),))
        reached = {"version": found.version or "?", "n": found.channels}
        findings = [
            Check(
                str(one["code"]), is_good=False, is_warning=one["code"] in WARNINGS,
                details={name: value for name, value in one.items() if name != "code"},
            )
            for one in found.findings
        ]  # fmt: skip
        return Tested((Check("telephony_kinds.asterisk.reached", details=reached), *findings), found.version)

    def wake(self, ctx: Context, pbx: Pbx, dial_id: int) -> None:
        """The row is the truth; the list only saves the keeper from asking for it all the time."""
        key = DIALS.format(pbx.id)
        with ctx.redis.pipeline() as at_once:
            at_once.rpush(key, dial_id)
            at_once.expire(key, 60)
            at_once.execute()

    def door(self, ctx: Context, pbx: Pbx) -> str:
        """Asked by the dialplan during a call: whom to ring."""
        return f"{ctx.settings.public_url}/telephony/route/{pbx.token}" if pbx.token else ""


def address(pbx: Pbx) -> Address:
    return Address(
        pbx.host, pbx.port, pbx.login, pbx.secret, pbx.tls, ca=str(pbx.options.get("ca", "")),
        fingerprint=str(pbx.options.get("fingerprint", "")),
    )  # fmt: skip
