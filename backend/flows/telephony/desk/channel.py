"""The way to the browsers: what is published for the people of an account, and the tickets of their streams.

Redis carries it. A short-lived copy of what is shown now waits for a browser that comes a moment later;
losing all of it costs a card, never a call. Nothing heavy is imported: the stream's process reads this too.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

EVERY_ACCOUNT = "mostik:cards:*"
TICKET_LIVES = timedelta(seconds=30)
GONE = ("gone", "ended")
RINGS_AT_MOST = timedelta(minutes=3)  # the end of a call that rings longer was lost on the way
TALKS_AT_MOST = timedelta(hours=4)
ALIVE = "mostik:stream"  # the stream's process says here that it lives
ALIVE_FOR = timedelta(seconds=30)

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a stream. `origin` is the one site whose pages may read it."""

    account_id: int
    user_id: int
    origin: str


def name(account_id: int) -> str:
    return f"mostik:cards:{account_id}"


def send(memory: Any, account_id: int, message: Message) -> None:
    """Tell the browsers of `users`, and keep what they show for those that come now. `is_over` in a message
    says that nothing is kept of it.
    """
    users: Iterable[int] = message["users"]
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    is_over = message["type"] in GONE or message.get("is_over", False)
    holders = holders_key(account_id, message["call"])
    lives = TALKS_AT_MOST if message["type"] == "talking" else RINGS_AT_MOST
    with memory.pipeline(transaction=False) as at_once:
        for user_id in users:
            copy, index = copy_key(account_id, user_id, message["call"]), index_key(account_id, user_id)
            if is_over:
                at_once.delete(copy)
                at_once.srem(index, copy)
                at_once.srem(holders, user_id)
            else:
                at_once.set(copy, text, ex=lives)
                at_once.sadd(index, copy)
                at_once.expire(index, TALKS_AT_MOST)
                at_once.sadd(holders, user_id)
                at_once.expire(holders, TALKS_AT_MOST)
        at_once.publish(name(account_id), text)
        at_once.execute()


def index_key(account_id: int, user_id: int) -> str:
    """A set: the keys of the copies of this user's cards."""
    return f"mostik:card-index:{account_id}:{user_id}"


def copy_key(account_id: int, user_id: int, call: str) -> str:
    return f"mostik:card:{account_id}:{user_id}:{call}"


def holders_key(account_id: int, call: str) -> str:
    return f"mostik:card-holders:{account_id}:{call}"


def holders(memory: Any, account_id: int, cards: Sequence[str]) -> dict[str, list[int]]:
    """Card → the users who see it now."""
    with memory.pipeline(transaction=False) as at_once:
        for call in cards:
            at_once.smembers(holders_key(account_id, call))
        found = at_once.execute()
    return {
        call: sorted(int(one) for one in users) for call, users in zip(cards, found, strict=True) if users
    }


def shown(memory: Any, account_id: int, user_id: int) -> list[Message]:
    """Cards that this user should see now."""
    copies = sorted(memory.smembers(index_key(account_id, user_id)))
    return [json.loads(text) for text in (memory.mget(copies) if copies else ()) if text]


def issue(memory: Any, seat: Seat) -> str:
    """A ticket for one stream: good once, for half a minute."""
    secret = secrets.token_urlsafe(24)
    memory.set(ticket_key(secret), json.dumps(asdict(seat)), ex=TICKET_LIVES)
    return secret


def ticket_key(secret: str) -> str:
    """Redis keeps a digest: who reads it can open no stream with what stands there."""
    return f"mostik:cards-ticket:{hashlib.sha256(secret.encode()).hexdigest()}"


def seat(stored: bytes | None) -> Seat | None:
    return Seat(**json.loads(stored)) if stored else None


def hold(  # noqa: PLR0913 - who is where, by name
    memory: Any,
    account_id: int,
    uniq: str,
    phones: Collection[str],
    known: Sequence[str],
    also: Collection[str] = (),
) -> None:
    """These phones («PBX id:phone») are in this call now; of `known` the others are not any more. `also`:
    other ids that the call was known by, before two became one.
    """
    own = {one.encode() for one in (uniq, *also)}
    keys = [_busy(account_id, phone) for phone in known if phone not in phones]
    theirs = zip(keys, memory.mget(keys), strict=True) if keys else ()
    free = [key for key, holder in theirs if holder in own]
    with memory.pipeline(transaction=False) as at_once:
        if free:
            at_once.delete(*free)
        for phone in phones:
            at_once.set(_busy(account_id, phone), uniq, ex=TALKS_AT_MOST)
        at_once.execute()


def busy(memory: Any, account_id: int, pbx_id: int, phones: Sequence[str]) -> frozenset[str]:
    """Those of the phones that are in a call now."""
    if not phones:
        return frozenset()
    held = memory.mget([_busy(account_id, f"{pbx_id}:{phone}") for phone in phones])
    return frozenset(phone for phone, holder in zip(phones, held, strict=True) if holder)


def streams(memory: Any) -> int | None:
    """How many tabs are open; None when the stream's process is not there."""
    told = memory.get(ALIVE)
    return int(json.loads(told)["streams"]) if told else None


def _busy(account_id: int, phone: str) -> str:
    return f"mostik:busy:{account_id}:{phone}"
