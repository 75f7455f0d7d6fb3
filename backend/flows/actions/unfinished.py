"""Presses that nobody came back to: the process died, or the journal did not answer. They are looked for
there, and never sent again: the person may have given up, or booked by telephone.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import NoReturn

from backend.core.errors import AppError
from backend.flows.actions import booking, change, choices, once
from backend.flows.actions.once import ABANDONED, Deed
from backend.flows.actions.rights import Act
from backend.flows.context import Context
from backend.store import accounts, card_actions
from backend.store.card_actions import CardAction

log = logging.getLogger(__name__)

GIVEN_UP = timedelta(minutes=15)


def settle(ctx: Context) -> int:
    """How many turned out to be done. Old ones that are not in the journal were never made."""
    now = ctx.now()
    return sum(_settled(ctx, action) for action in card_actions.unfinished(now - ABANDONED))


def _settled(ctx: Context, action: CardAction) -> bool:
    account = accounts.by_id(action.account_id)
    if account.state != "active":
        return False
    desk = choices.desk(ctx, account, action.company_id)
    look = booking.look_again if action.kind == Act.CREATE else change.look_again
    try:
        done = once.complete(ctx, action, Deed(lambda: look(desk, action), _never))
    except AppError as error:  # this salon does not answer; the others have their turn
        log.info("card action not settled action_id=%d error=%s", action.id, error)
        return False
    if done is not None:
        once.audit(ctx, done)
    elif ctx.now() - action.created_at > GIVEN_UP:
        card_actions.give_up(action.id, "card.not_sent", ctx.now())
    return done is not None


def _never() -> NoReturn:
    raise AssertionError("what nobody waits for is not sent")
