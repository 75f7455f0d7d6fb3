"""One press of a button, one deed: the intent is stored first, a second press gives the first one's answer.

Order: intent → claim → look for what an earlier attempt left behind → call → outcome and news together.
Killed between any two of them, the next press (or `unfinished`) goes on from what the salon's journal says.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.core.errors import AppError, InvalidInput, NeedsHuman, TryLater
from backend.flows.context import Context
from backend.flows.sync import own
from backend.integrations.http import JsonObject
from backend.store import card_actions, operators
from backend.store.accounts import Account
from backend.store.card_actions import CardAction, Intent

ABANDONED = timedelta(seconds=60)  # longer than any request lives: whoever sent it is dead
PATIENCE, NAP = 8.0, 0.1  # seconds that a second press waits for the first one's answer, and between looks
# Raised before anything leaves us: nothing can have happened in the journal.
NOT_SENT = ("yclients.busy", "yclients.too_many_requests", "limiter.unreachable", "outside.slow")


@dataclass(frozen=True, slots=True)
class Deed:
    """`look` finds the record when the deed was done before. `prepare` reads what is needed and gives the
    write, which answers with the record. `may_repeat`: sent twice it still happens once.
    """

    look: Callable[[], JsonObject | None]
    prepare: Callable[[], Callable[[], JsonObject]]
    may_repeat: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the press; `is_news` when this press did it."""

    action: CardAction
    result: dict[str, Any]
    is_news: bool


def carry_out(ctx: Context, account: Account, intent: Intent, deed: Deed) -> Done:
    action = card_actions.intend(account.id, intent, ctx.now())
    if action.digest != intent.digest or action.kind != intent.kind:
        raise InvalidInput("card.form_reused")
    until = time.monotonic() + PATIENCE
    while action.state != "done":
        if card_actions.claim(action, ctx.now(), ctx.now() - ABANDONED):
            return _done(ctx, action, deed)
        if time.monotonic() > until:
            raise TryLater("card.in_progress", after=timedelta(seconds=2))
        time.sleep(NAP)
        action = card_actions.by_form(account.id, intent.form) or action
    return Done(action, action.result, is_news=False)


def complete(ctx: Context, action: CardAction, deed: Deed) -> Done | None:
    """Nobody came back to this one: what became of it, None when it is not in the journal."""
    if not card_actions.claim(action, ctx.now(), ctx.now() - ABANDONED):
        return None
    try:
        record = deed.look()
    except AppError:
        card_actions.release(action.id, action.sent_at)
        raise
    if record is None:
        card_actions.release(action.id, action.sent_at)
        return None
    return _finish(ctx, action, record)


def _done(ctx: Context, action: CardAction, deed: Deed) -> Done:
    """`action` is as it was before we claimed it: `sent_at` tells of an earlier attempt."""
    sent_at: datetime | None = action.sent_at
    try:
        record = deed.look() if sent_at else None
        if record is None:
            _wait_until_certain(ctx, deed, sent_at)
            write = deed.prepare()
            sent_at = ctx.now()
            record = _written(deed, write)
    except TryLater as error:
        card_actions.release(action.id, action.sent_at if error.code in NOT_SENT else sent_at)
        raise
    except (InvalidInput, NeedsHuman) as error:
        card_actions.refuse(action.id, error.code, ctx.now())
        raise
    return _finish(ctx, action, record)


def _wait_until_certain(ctx: Context, deed: Deed, sent_at: datetime | None) -> None:
    """A call that timed out may still be carried out a little later: it is not repeated too early."""
    if sent_at is None or deed.may_repeat:
        return
    patience = timedelta(seconds=ctx.settings.uncertain_seconds)
    if (age := ctx.now() - sent_at) < patience:
        raise TryLater("card.uncertain", after=patience - age)


def _written(deed: Deed, write: Callable[[], JsonObject]) -> JsonObject:
    """Without an answer the journal is looked at once, while the person still waits."""
    try:
        return write()
    except TryLater as error:
        if error.code in NOT_SENT:
            raise
        found = _found_quietly(deed)
        if found is None:
            raise TryLater("card.uncertain", after=error.after, error=error.code) from error
        return found


def _found_quietly(deed: Deed) -> JsonObject | None:
    """The second silence tells no more than the first."""
    try:
        return deed.look()
    except AppError:
        return None


def _finish(ctx: Context, action: CardAction, record: JsonObject) -> Done:
    return Done(action, own.settle(ctx, action, record), is_news=True)


def audit(ctx: Context, done: Done, *, address: str = "", before: Mapping[str, object] | None = None) -> None:
    """A line of the trail for a deed, in the name of whoever pressed."""
    action, after = done.action, {name: done.result[name] for name in ("starts_at", "phase")}
    operators.audit(
        ctx.now(), operator=action.person, action=f"card.{action.kind}", account_id=action.account_id,
        address=address, subject=str(done.result["key"]), before=before, after=after,
    )  # fmt: skip


def digest(asked: object) -> str:
    """Equal for equal wishes: the same form with another wish is a mistake of the page."""
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def mark(account: Account, form: str) -> str:
    """What a booking made by this press carries in the salon's journal."""
    return f"mostik-{hashlib.sha256(f'{account.id}:{form}'.encode()).hexdigest()[:24]}"
