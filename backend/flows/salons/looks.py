"""How a salon stood when we last looked at it in YCLIENTS: rights, and whether its news come to us.

Only what the screens show; kept in Redis, for a look that is lost is taken again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import redis

from backend.core import rights
from backend.core.errors import AppError, NeedsHuman
from backend.core.rights import Lack
from backend.flows.context import Context
from backend.flows.vendors import clients
from backend.integrations.yclients.client import YclientsClient
from backend.integrations.yclients.partner import ACTIVE

KEPT = timedelta(days=30)


class Told(StrEnum):
    """Whether YCLIENTS sends us what changes: by its settings, by the marketplace, not, or nobody can say."""

    SETTINGS = "settings"
    MARKETPLACE = "marketplace"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Look:
    """`trouble` is an error as the journal writes it: the salon did not let us look."""

    at: datetime
    flags: tuple[str, ...] = ()
    told: Told = Told.UNKNOWN
    trouble: str = ""

    @property
    def lacks(self) -> tuple[Lack, ...]:
        return rights.lacks(self.flags)


def of(ctx: Context, account_id: int, company_ids: Iterable[int]) -> dict[int, Look]:
    """What is known, without asking anybody; nothing while Redis is away."""
    ids = list(company_ids)
    found: list[bytes | None] = [None] * len(ids)
    if ids:
        with suppress(redis.RedisError):
            found = ctx.redis.hmget(_key(account_id), ids)
    return {company_id: _read(text) for company_id, text in zip(ids, found, strict=True) if text is not None}


def take(ctx: Context, account_id: int, company_id: int, client: YclientsClient, hook_url: str = "") -> Look:
    """Asks YCLIENTS anew. Without an address of ours only the rights are looked at."""
    try:
        flags = client.permissions(company_id)
        look = Look(ctx.now(), flags, _told(ctx, company_id, client, hook_url))
    except AppError as error:
        look = Look(ctx.now(), trouble=str(error))
    _save(ctx, account_id, company_id, look)
    return look


def note(ctx: Context, account_id: int, company_id: int, told: Told) -> None:
    """What we have just done ourselves need not be asked."""
    known = of(ctx, account_id, [company_id]).get(company_id)
    if known is not None and not known.trouble:
        _save(ctx, account_id, company_id, replace(known, told=told))


def forget(ctx: Context, account_id: int, company_id: int) -> None:
    with suppress(redis.RedisError):
        ctx.redis.hdel(_key(account_id), str(company_id))


def _told(ctx: Context, company_id: int, client: YclientsClient, hook_url: str) -> Told:
    if not hook_url:
        return Told.UNKNOWN
    try:
        is_told = client.is_told(company_id, hook_url)
    except NeedsHuman:  # a user without a right to the settings; the other way may be open all the same
        is_told = None
    if is_told:
        return Told.SETTINGS
    application = ctx.settings.yclients_application_id
    if application and clients.yclients_partner(ctx).installation(company_id, application) == ACTIVE:
        return Told.MARKETPLACE
    return Told.UNKNOWN if is_told is None else Told.OFF


def _save(ctx: Context, account_id: int, company_id: int, look: Look) -> None:
    with suppress(redis.RedisError):  # seen by whoever asked, and asked for again next time
        ctx.redis.hset(_key(account_id), str(company_id), json.dumps(_plain(look)))
        ctx.redis.expire(_key(account_id), KEPT)


def _plain(look: Look) -> dict[str, object]:
    return {**asdict(look), "at": look.at.isoformat()}


def _read(text: bytes) -> Look:
    data = json.loads(text)
    return Look(datetime.fromisoformat(data["at"]), tuple(data["flags"]), Told(data["told"]), data["trouble"])


def _key(account_id: int) -> str:
    return f"mostik:looks:{account_id}"
