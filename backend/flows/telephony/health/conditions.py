"""Does each part of an account's telephony work, since when, and what is in the way: for the status page, for
its JSON, and for the overview's sentences. Only what the parts have said of themselves is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.connections import originate_check
from backend.flows.telephony.desk import channel
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.exchanges.kind import Hears
from backend.flows.telephony.hearing import repair
from backend.store import alarms
from backend.store.accounts import Account
from backend.store.telephony import call_health, hook_figures, pbxes, readings, recordings
from backend.store.telephony.pbxes import Pbx, PbxState

HEARD = timedelta(seconds=60)  # a listener says more often that it is there
LATE = timedelta(minutes=2)  # for a call that waits to be processed
DAY = timedelta(days=1)
QUEUE = "calls"


class Mood(StrEnum):
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


UNTRIED, UNSEEN = (
    (Mood.WARN, "telephony_health.pbx.connecting"), (Mood.BAD, "telephony_health.pbx.unseen"),
)  # fmt: skip
WORST_FIRST = (Mood.BAD, Mood.WARN, Mood.GOOD, Mood.OFF)


@dataclass(frozen=True, slots=True)
class Part:
    """`code` is its sentence; `about` names whose part it is (the PBX's title), `key` is its address there;
    `since`: in this condition; `findings`: what else is wrong with it, `{"code": …, …}` each.
    """

    name: str
    mood: Mood
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    key: str = ""
    since: datetime | None = None
    last_at: datetime | None = None
    waiting: int = 0
    findings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What a new administrator does, in order; `screen` is where."""

    name: str
    is_done: bool
    screen: str


def parts(ctx: Context, account: Account) -> list[Part]:
    """Everything that a call passes through, from the PBX to amoCRM."""
    known = pbxes.of_account(account.id)
    if not known:
        return []
    looks = [(pbx, pbxes.state(pbx.id)) for pbx in known]
    rules, now = configuration.current(account.id).telephony, ctx.now()
    return [
        *(of_pbx(pbx, now, state) for pbx, state in looks),
        *(_tables(pbx) for pbx, _ in looks if pbx.is_on and repair.has_tables(pbx)),
        *_listener(looks, now),
        *_stream(ctx, rules),
        _worker(ctx, account, now),
        *_recordings(account, rules),
        *_hooks(account, rules, now),
        *(_clicks(pbx, wrong) for pbx in known if (wrong := originate_check.wrong(ctx, pbx))),
        of_crm(account),
    ]


def worst(found: Sequence[Part]) -> Mood:
    return min((part.mood for part in found), key=WORST_FIRST.index, default=Mood.OFF)


def of_pbx(pbx: Pbx, now: datetime, known: PbxState | None = None, *, is_fresh: bool = False) -> Part:
    """The connection to one PBX: the first thing that is wrong with it, and everything else beside it.
    `is_fresh`: it was saved a moment ago, so nobody can have looked after it yet.
    """
    state = known or pbxes.state(pbx.id)
    hears = kinds.of(pbx.kind).hears
    facts: dict[str, Any] = {
        "about": pbx.title or pbx.code, "key": pbx.code, "last_at": state.last_event_at,
        "findings": tuple(state.findings), "waiting": state.open_calls,
    }  # fmt: skip
    details = {"version": state.version or "?", "n": state.events_per_minute, **state.details}

    def told(mood: Mood, code: str, since: datetime | None = None) -> Part:
        return Part("pbx", mood, code, details, since=since, **facts)

    if not pbx.is_on:
        return told(Mood.OFF, "telephony_health.pbx.off")
    if hears is Hears.LISTENER and (state.seen_at is None or now - state.seen_at > HEARD):
        return told(*(UNTRIED if is_fresh and state.seen_at is None else UNSEEN), state.seen_at)
    if state.trouble:
        return told(Mood.BAD, state.trouble, state.seen_at)
    if hears is Hears.WEBHOOKS and state.last_event_at is None:
        return told(Mood.WARN, "telephony_health.pbx.silent")
    if hears is Hears.WEBHOOKS:
        return told(Mood.GOOD, "telephony_health.pbx.told", state.last_event_at)
    if state.connected_since is None:
        return told(Mood.WARN, "telephony_health.pbx.connecting", state.seen_at)
    code = "telephony_health.pbx.findings" if state.findings else "telephony_health.pbx.good"
    return told(Mood.WARN if state.findings else Mood.GOOD, code, state.connected_since)


def _tables(pbx: Pbx) -> Part:
    """The call tables of a PBX, as the last reading of them went."""
    known = readings.of(pbx.id)
    facts: dict[str, Any] = {"about": pbx.title or pbx.code, "key": pbx.code, "last_at": known.read_at}
    if known.trouble:
        return Part("tables", Mood.BAD, known.trouble, known.details or {}, **facts)
    code = "telephony_health.tables.good" if known.read_at else "telephony_health.tables.unread"
    return Part("tables", Mood.GOOD if known.read_at else Mood.WARN, code, **facts)


def _clicks(pbx: Pbx, wrong: Sequence[Mapping[str, Any]]) -> Part:
    """What the PBX would not do for a click, as it said when the rules were changed."""
    first, *more = wrong
    return Part(
        "clicks", Mood.BAD, str(first["code"]), first, pbx.title or pbx.code, pbx.code, findings=tuple(more)
    )


def _listener(looks: Sequence[tuple[Pbx, PbxState]], now: datetime) -> list[Part]:
    """The process that holds the connections; a PBX in a cloud needs none."""
    mine = [state for pbx, state in looks if pbx.is_on and kinds.of(pbx.kind).hears is Hears.LISTENER]
    if not mine:
        return []
    seen = max((state.seen_at for state in mine if state.seen_at), default=None)
    if seen is None or now - seen > HEARD:
        return [Part("listener", Mood.BAD, "telephony_health.listener.dead", last_at=seen)]
    return [Part("listener", Mood.GOOD, "telephony_health.listener.good", last_at=seen)]


def _stream(ctx: Context, rules: TelephonyRules) -> list[Part]:
    """The process that shows cards in browsers; without cards nobody needs it."""
    if not rules.card:
        return []
    open_now = channel.streams(ctx.redis)
    if open_now is None:
        return [Part("stream", Mood.BAD, "telephony_health.stream.dead")]
    return [Part("stream", Mood.GOOD, "telephony_health.stream.good", {"n": open_now})]


def _worker(ctx: Context, account: Account, now: datetime) -> Part:
    """Who carries out what follows from calls, and what waits for it."""
    found = call_health.backlog(account.id)
    facts: dict[str, Any] = {
        "waiting": found.waiting, "since": found.oldest_at,
        "last_at": call_health.totals(account.id, now - DAY).last_ended_at,
    }  # fmt: skip
    if not is_served(ctx):
        return Part("worker", Mood.BAD, "telephony_health.worker.dead", {"n": found.waiting}, **facts)
    if found.stuck:
        return Part(
            "worker",
            Mood.BAD,
            "telephony_health.worker.stuck",
            {"n": found.stuck},
            **facts,
            findings=_error(found.error),
        )
    if found.oldest_at and now - found.oldest_at > LATE:
        return Part(
            "worker",
            Mood.WARN,
            "telephony_health.worker.late",
            {"n": found.waiting},
            **facts,
            findings=_error(found.error),
        )
    return Part("worker", Mood.GOOD, "telephony_health.worker.good", {"n": found.waiting}, **facts)


def _error(error: str) -> tuple[Mapping[str, Any], ...]:
    return ({"error": error},) if error else ()


def is_served(ctx: Context) -> bool:
    """Whether any worker listens to the queue of calls: each says so where RQ keeps its workers."""
    return any(ctx.redis.exists(name) for name in ctx.redis.smembers(f"rq:workers:{QUEUE}"))


def _recordings(account: Account, rules: TelephonyRules) -> list[Part]:
    if not rules.recordings.is_on:
        return [Part("recordings", Mood.OFF, "telephony_health.recordings.off")]
    states = recordings.total(account.id).states
    lost = states.get(recordings.MISSING, 0) + states.get(recordings.FAILED, 0)
    waiting = states.get(recordings.WAITING, 0)
    if lost:
        return [
            Part("recordings", Mood.WARN, "telephony_health.recordings.lost", {"n": lost}, waiting=waiting)
        ]
    kept = states.get(recordings.READY, 0)
    code = "telephony_health.recordings.good" if kept else "telephony_health.recordings.none"
    return [Part("recordings", Mood.GOOD, code, {"n": kept}, waiting=waiting)]


def _hooks(account: Account, rules: TelephonyRules, now: datetime) -> list[Part]:
    """Added functions that are on; one that failed today says nothing of calls and is worth a look."""
    working = {hook.name for hook in rules.hooks if hook.is_on}
    if not working:
        return []
    week = hook_figures.of_week(account.id, now)
    failed = {
        name: figures
        for name, figures in week.items()
        if name in working and figures.failed_at and now - figures.failed_at < DAY
    }
    if not failed:
        return [Part("hooks", Mood.GOOD, "telephony_health.hooks.good", {"n": len(working)})]
    found = [{"error": figures.last_error} for figures in failed.values()]
    newest = max(figures.failed_at for figures in failed.values() if figures.failed_at)
    names = ", ".join(sorted(failed))
    return [
        Part(
            "hooks",
            Mood.WARN,
            "telephony_health.hooks.failed",
            {"names": names},
            last_at=newest,
            findings=found,
        )
    ]


def of_crm(account: Account) -> Part:
    """Whether amoCRM takes what we write."""
    stopped = [
        one for one in alarms.open_alarms(account.id) if not one.is_notice and one.scope_kind == "account"
    ]
    if account.state == "removed":
        return Part("amocrm", Mood.BAD, "amocrm.not_connected")
    if stopped:
        return Part("amocrm", Mood.BAD, stopped[0].code, since=stopped[0].raised_at)
    if account.state == "paused":
        return Part("amocrm", Mood.WARN, account.pause_code or "state.paused")
    return Part("amocrm", Mood.GOOD, "telephony_health.amocrm.good")


def steps(account: Account) -> list[Step]:
    """PBX → people → lines → rules → test call: what a new administrator does in ten minutes."""
    rules = configuration.current(account.id).telephony
    return [
        Step("pbx", bool(pbxes.of_account(account.id)), "telephony_connections"),
        Step("people", bool(rules.people), "telephony_people"),
        Step("lines", bool(rules.lines), "telephony_rules"),
        Step("rules", rules.is_on, "telephony_rules"),
        Step("call", call_health.has_any(account.id), "telephony_test"),
    ]
