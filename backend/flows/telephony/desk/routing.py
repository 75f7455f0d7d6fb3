"""Whom to ring: the dialplan asks while the client hears the tone, and only our own tables are looked at.

An empty answer is an answer: the PBX goes its own way.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.telephony import numbers, ringing
from backend.core.telephony.ringing import Asking
from backend.core.telephony.rules import RingTo, TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration, schemas
from backend.flows.telephony.desk import callers, channel
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Query:
    """As the dialplan sent it."""

    phone: str
    did: str = ""
    trunk: str = ""


def pbx_of(token: str, address: str) -> Pbx:
    """Who asks. The answer tells who is a client and who serves them, so a strange token and a strange
    address hear the same.
    """
    found = pbxes.by_token(token) if 0 < len(token) <= LONGEST_TOKEN else None
    if found is None or not hmac.compare_digest(found.token.encode(), token.encode()):
        raise InvalidInput("route.unknown")
    if not is_allowed(address, found.options.get("route_from") or ()):
        log.warning("route refused pbx=%d address=%s", found.id, address)
        raise InvalidInput("route.unknown")
    return found


def is_allowed(address: str, networks: Iterable[str]) -> bool:
    """Addresses and networks («10.0.0.5», «10.0.0.0/24»); none named: whoever has the token."""
    named = list(networks)
    if not named:
        return True
    try:
        asking = ipaddress.ip_address(address)
        return any(asking in ipaddress.ip_network(network, strict=False) for network in named)
    except ValueError:
        return False


def answer(ctx: Context, pbx: Pbx, query: Query) -> str:
    """Extensions in the order in which they should ring, «101,102», or nothing."""
    try:
        return ",".join(extensions(ctx, pbx, query))
    except AppError as error:  # whatever is wrong with us, the client's call goes on
        log.warning("route unanswered pbx=%d code=%s", pbx.id, error.code)
        return ""


def extensions(ctx: Context, pbx: Pbx, query: Query) -> tuple[str, ...]:
    configured = configuration.current(pbx.account_id)
    rules = configured.telephony
    if not pbx.is_on or not rules.is_on:
        return ()
    number = numbers.client(query.phone)
    contact, leads = callers.known(pbx.account_id, number)
    asking = Asking(
        at=ctx.now().astimezone(ZoneInfo(configured.timezone)),
        pbx=pbx.code,
        line=rules.line(query.trunk, query.did, pbx.code),
        responsible_id=callers.responsible(contact, leads),
        last_talker_id=_last_talker(pbx.account_id, number, rules),
        busy=_busy(ctx, pbx, rules),
        works=_works(pbx.account_id),
    )
    return ringing.extensions(asking, rules)


def _last_talker(account_id: int, number: str, rules: TelephonyRules) -> int | None:
    return callers.last_talker(account_id, number) if RingTo.LAST_TALKER in rules.ring else None


def _busy(ctx: Context, pbx: Pbx, rules: TelephonyRules) -> frozenset[str]:
    if rules.rings_busy:
        return frozenset()
    phones = sorted({phone for person in rules.people for phone in person.endpoints})
    return channel.busy(ctx.redis, pbx.account_id, pbx.id, phones)


def _works(account_id: int) -> frozenset[int] | None:
    """Users who are still in the account; None before anybody has read them."""
    try:
        return frozenset(user.id for user in schemas.load(account_id).users if user.is_active)
    except TryLater:
        return None
