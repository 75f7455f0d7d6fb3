"""Tasks for missed calls: one that we rely upon is looked at in the CRM first, for people do them and delete
them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.core.telephony.after.facts import CallFacts
from backend.core.telephony.after.missed import counts
from backend.core.telephony.rules import TelephonyRules
from backend.flows.work import Work
from backend.integrations.amocrm import calls_read
from backend.integrations.amocrm.client import AmoClient
from backend.store.telephony import call_tasks


def with_open_tasks(
    work: Work,
    gathered: Sequence[CallFacts],
    client: AmoClient,
    rules: TelephonyRules,
    asked: dict[int, bool],
) -> list[CallFacts]:
    """Facts in which an open task is open in the CRM too. `asked`: tasks that this batch has looked at."""
    found = []
    for facts in gathered:
        task = facts.open_task if _matters(facts, rules) else None
        if task is not None and task.id not in asked:
            asked[task.id] = bool(calls_read.is_task_open(client, task.id))
            if not asked[task.id]:
                call_tasks.closed(work.account_id, [task.id], "", work.ctx.now())
        is_gone = task is not None and not asked[task.id]
        found.append(replace(facts, open_task=None) if is_gone else facts)
    return found


def _matters(facts: CallFacts, rules: TelephonyRules) -> bool:
    """Whether this call may close the task, or does without one of its own because of it."""
    is_missed = counts(facts.call, rules)
    return facts.call.is_answered or (is_missed and facts.written.task_id is None)
