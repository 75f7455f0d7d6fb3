"""The storm brake at work: new leads beyond the usual wait in the inbox; a person may let them go.

Only what hooks bring is looked at: imports, catch-ups and replays are floods that somebody wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.core.errors import InvalidInput, TryLater
from backend.core.rules.configuration import BookingRules, Mode
from backend.core.sync import brake as rules_of
from backend.core.sync.brake import Recent
from backend.core.sync.commands import CreateLead
from backend.flows.context import Context
from backend.flows.sync.cases import Case
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.store import alarms, connections, creations, lanes

HELD = creations.HELD
HOUR = timedelta(hours=1)
AGAIN = timedelta(minutes=10)
HISTORY_DAYS, FEWEST_HOURS = 14, 20


def let_through(work: Work, cases: Sequence[Case], rules: BookingRules) -> list[Case]:
    """The cases that go on now; the others wait with their events."""
    looked_at = {
        case.decision.subject: rules_of.act(case.facts.booking) for case in cases if _is_looked_at(case)
    }
    if not looked_at:
        return list(cases)
    recent, now = _recent(work, [act.person for act in looked_at.values()]), work.ctx.now()
    stopped = rules_of.held(looked_at.values(), recent, rules.configuration.options.brake)
    creations.note(work.account_id, [act for key, act in looked_at.items() if key not in stopped], now)
    for case in cases:
        if case.decision.subject in stopped:
            _hold(work, case, stopped[case.decision.subject])
    if stopped:
        tell(work.ctx, work.account_id)
    return [case for case in cases if case.decision.subject not in stopped]


def _recent(work: Work, people: Sequence[str]) -> Recent:
    """Salons without a usual pace are not counted: an hour may bring thousands of bookings."""
    account_id, since = work.account_id, work.ctx.now() - HOUR
    usual = creations.usual(account_id)
    return Recent(
        creations.of_people(account_id, people, since),
        creations.of_salons(account_id, since) if usual else {},
        usual,
        creations.released(account_id, since),
    )


def _is_looked_at(case: Case) -> bool:
    creates = any(isinstance(command, CreateLead) for command in case.decision.commands)
    is_news = case.reading.event.source in BOOKING_SOURCES
    return creates and is_news and case.mode is Mode.ACTIVE and not case.facts.booking.event_id


def _hold(work: Work, case: Case, scope: str) -> None:
    events = [case.reading.event.id, *(event.id for event in case.reading.older)]
    work.dispose(TryLater(HELD, after=AGAIN, scope=scope), events)


def tell(ctx: Context, account_id: int) -> None:
    """One alarm for each scope that holds something; one that holds nothing any more is over."""
    waiting = creations.waiting(account_id)
    for alarm in alarms.open_alarms(account_id):
        if alarm.scope_kind == "brake" and alarm.scope_key not in waiting:
            alarms.resolve(account_id, alarm.code, scope_kind="brake", scope_key=alarm.scope_key)
    titles = {str(row.company_id): row.title for row in connections.of_account(account_id)}
    for scope, count in waiting.items():
        kind, _, key = scope.partition(":")
        details = {"n": count, "branch": titles.get(key, key)}
        alarms.raise_alarm(account_id, f"brake.{kind}", "brake", scope, details, ctx.now())


def release(ctx: Context, account_id: int, scope: str) -> int:
    """For an hour this scope is not held; what waits goes at once. Returns how many events. InvalidInput when
    nothing waits there.
    """
    if scope not in creations.waiting(account_id):
        alarms.resolve(account_id, scope_kind="brake", scope_key=scope)
        raise InvalidInput("brake.not_held")
    freed = creations.release(account_id, scope, ctx.now())
    alarms.resolve(account_id, scope_kind="brake", scope_key=scope)
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
    return freed


def count_usual(ctx: Context, account_id: int) -> None:
    creations.count_usual(account_id, ctx.now(), HISTORY_DAYS, FEWEST_HOURS)
