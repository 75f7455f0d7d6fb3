"""How many tasks a rule would have set last week, had it been there: what to expect before it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.sync import tasks
from backend.store import looks

WEEK = timedelta(days=7)


def last_week(account_id: int, rule: TaskRule, now: datetime) -> int | None:
    """None where nothing was kept that tells: what a visit cost before its price changed."""
    if rule.when is TaskWhen.PRICE_CHANGED:
        return None
    pause = tasks.pause(rule)
    if rule.when is TaskWhen.BOOKED:
        return looks.count_booked(account_id, now - WEEK, pause)
    ((phases, _),) = tasks.waits((rule,))
    return looks.count_waiting(account_id, phases, now - WEEK - pause, now - pause)
