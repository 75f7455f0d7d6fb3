"""The telephony of many accounts in a word each, for the list of accounts: read in two queries for all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from admin.health import Shown
from backend.flows.telephony.health import conditions, sentinel
from backend.flows.telephony.health.conditions import Mood
from backend.store.telephony import pbxes

TONES = {"good": "good", "warn": "warn", "bad": "bad", "off": ""}


def of(found: Iterable[Shown], now: datetime) -> dict[int, str]:
    """Account → the mood of its worst exchange, or what the sentinel has found broken behind them; accounts
    without an exchange, and those that left, are not named.
    """
    here = {one.account.account_id: one for one in found if one.account.state != "removed"}
    parts: dict[int, list[conditions.Part]] = {}
    for pbx, state in pbxes.looks(here):
        parts.setdefault(pbx.account_id, []).append(conditions.of_pbx(pbx, now, state))
    return {
        account_id: (Mood.BAD if _is_broken(here[account_id]) else conditions.worst(some)).value
        for account_id, some in parts.items()
    }


def _is_broken(one: Shown) -> bool:
    return any(alarm.code == sentinel.BROKEN for alarm in one.alarms)
