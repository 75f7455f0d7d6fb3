"""Access to salons between the steps of connecting them: a key waits encrypted, for minutes, and never
travels through a form. A password is used once and kept nowhere.
"""

from __future__ import annotations

import json
import re
import secrets as random_secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import redis

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.flows.context import Context
from backend.flows.vendors import clients
from backend.integrations.yclients.partner import Company
from backend.store import secrets

WAITS = timedelta(minutes=30)  # for a person who ticks salons
TRIES, TRIES_WITHIN = 10, timedelta(minutes=10)  # the panel is no place to guess a salon's password
TOKEN = re.compile(r"[A-Za-z0-9_\-.]{4,200}")
PASTED = re.compile(r"^(?:Bearer\s+\S+?\s*,\s*)?User\s+", re.IGNORECASE)  # people copy the whole header


@dataclass(frozen=True, slots=True)
class Access:
    """A key and the salons it opens. `holder` gave it: nobody else goes on with it. `invited` are salons of
    an installation that YCLIENTS waits for us to finish.
    """

    id: str
    account_id: int
    holder: str
    token: str = field(repr=False)
    given_at: datetime
    companies: tuple[Company, ...] = ()
    invited: tuple[int, ...] = ()

    def company(self, company_id: int) -> Company | None:
        return next((company for company in self.companies if company.id == company_id), None)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants access, and for which account."""

    account_id: int
    name: str
    invited: tuple[int, ...] = ()


@contextmanager
def _memory() -> Iterator[None]:
    """Without Redis there is nowhere to keep a key for the next step."""
    try:
        yield
    except redis.RedisError as error:
        raise TryLater("limiter.unreachable", error=type(error).__name__) from error


def by_login(ctx: Context, asker: Asker, login: str, password: str) -> Access:
    """YCLIENTS is asked for the key of this user; InvalidInput when it gives none."""
    _count(ctx, asker)
    token = clients.yclients_partner(ctx).sign_in(login, password)
    return _kept(ctx, asker, token)


def by_token(ctx: Context, asker: Asker, pasted: str) -> Access:
    token = PASTED.sub("", pasted.strip())
    if not TOKEN.fullmatch(token):
        raise InvalidInput("yclients.token_malformed")
    _count(ctx, asker)
    return _kept(ctx, asker, token)


def get(ctx: Context, asker: Asker, access_id: str) -> Access:
    """InvalidInput when it was too long ago, or somebody else's."""
    with _memory():
        sealed = ctx.redis.get(_key(access_id))
    try:
        data = json.loads(secrets.box().open(sealed.decode())) if sealed else {}
    except NeedsHuman as error:
        raise InvalidInput("salons.access_over") from error
    if (data.get("account_id"), data.get("holder")) != (asker.account_id, asker.name):
        raise InvalidInput("salons.access_over")
    return Access(
        access_id, asker.account_id, asker.name, data["token"], datetime.fromisoformat(data["given_at"]),
        tuple(Company(**row) for row in data["companies"]), tuple(data["invited"]),
    )  # fmt: skip


def forget(ctx: Context, access: Access) -> None:
    with _memory():
        ctx.redis.delete(_key(access.id))


def _kept(ctx: Context, asker: Asker, token: str) -> Access:
    companies = clients.yclients_partner(ctx).companies(token)
    if not companies:
        raise InvalidInput("salons.none_to_manage")
    missing = _not_theirs(asker.invited, companies)
    if missing:
        raise InvalidInput("salons.invited_not_theirs", salons=", ".join(map(str, missing)))
    access_id, now = random_secrets.token_urlsafe(18), ctx.now()
    access = Access(access_id, asker.account_id, asker.name, token, now, companies, asker.invited)
    plain = {**asdict(access), "given_at": now.isoformat()}
    with _memory():
        ctx.redis.set(_key(access.id), secrets.box().seal(json.dumps(plain)), ex=WAITS)
    return access


def _not_theirs(invited: Sequence[int], companies: Sequence[Company]) -> list[int]:
    """The redirect's salons are not signed: only who may manage them may connect them."""
    known = {company.id for company in companies}
    return [company_id for company_id in invited if company_id not in known]


def _count(ctx: Context, asker: Asker) -> None:
    key = f"mostik:access-tries:{asker.account_id}"
    with _memory():
        tries = ctx.redis.incr(key)
        if tries == 1:
            ctx.redis.expire(key, TRIES_WITHIN)
    if tries > TRIES:
        raise TryLater("salons.too_many_tries", after=TRIES_WITHIN)


def _key(access_id: str) -> str:
    return f"mostik:access:{access_id}"
