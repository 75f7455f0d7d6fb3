"""amoCRM's own notice while a client calls: one request for all phones that ring (telephony.md §14).

A notice that comes late would only startle: what is older than `LATE` is dropped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta

from backend.core.errors import InvalidInput
from backend.core.telephony import lists, numbers
from backend.core.telephony.after import skipping
from backend.core.telephony.rules import TelephonyRules
from backend.flows.rules import configuration, schemas
from backend.flows.work import Work
from backend.integrations.amocrm import notices
from backend.integrations.amocrm.notices import Notice
from backend.store import events
from backend.store.events import Closing, InboundEvent
from backend.store.telephony import pbxes

KIND, LANE = "call.ringing", "ringing"
TOLD, DROPPED, UNHEARD = "told", "late", "not_told"
LATE = timedelta(seconds=20)
TOGETHER = timedelta(milliseconds=300)  # phones of a group begin to ring one after another
MOST = 200  # phones of all calls that ring in one moment


def rang(work: Work) -> None:
    """The flow of `call.ringing` events: a phone of ours rings for a client."""
    _wait(work)
    now = work.ctx.now()
    late = [event for event in work.open.values() if now - event.received_at > LATE]
    _close(work, late, DROPPED)
    rules = configuration.current(work.account_id).telephony
    fresh = list(work.open.values())
    notices_of = _notices(work, fresh, rules) if rules.is_on and rules.notice else {}
    silent = [event for event in fresh if event.subject not in notices_of]
    _close(work, silent, UNHEARD)
    if notices_of:
        try:
            notices.send(work.amo(), list(notices_of.values()))
        except InvalidInput as error:  # a card is shown by ourselves as well; nobody waits for this one
            _close(work, [event for event in fresh if event.subject in notices_of], error.code)
        else:
            _close(work, [event for event in fresh if event.subject in notices_of], TOLD)


def _wait(work: Work) -> None:
    """Until the first of them is `TOGETHER` old; whoever began to ring meanwhile is told at once with it."""
    first = min(event.received_at for event in work.open.values())
    left = (TOGETHER - (work.ctx.now() - first)).total_seconds()
    if left > 0:
        time.sleep(left)
        for event in events.begin(work.lease, work.ctx.now(), MOST):
            work.open.setdefault(event.id, event)


def _notices(work: Work, fresh: Sequence[InboundEvent], rules: TelephonyRules) -> dict[str, Notice]:
    """Call → who is told of which number."""
    works = {user.id for user in schemas.load(work.account_id).users if user.is_active}
    codes = {pbx.id: pbx.code for pbx in pbxes.of_account(work.account_id)}
    found: dict[str, Notice] = {}
    for event in fresh:
        told = json.loads(event.body)
        pbx = codes.get(int(str(told["uniq"]).partition(":")[0]), "")
        user = rules.user(told["phone"], pbx)
        number = told.get("number") or ""
        if user not in works or not number or skipping.is_own(number, rules):
            continue
        if lists.is_left_out(told["phone"], rules, pbx):
            continue
        known = found.get(event.subject, Notice(numbers.formatted(number, rules.formats)))
        if user is not None and user not in known.users:
            found[event.subject] = Notice(known.number, (*known.users, user))
    return found


def _close(work: Work, chosen: Sequence[InboundEvent], reason: str) -> None:
    if chosen:
        work.close([Closing(event.id, "done", reason) for event in chosen])
