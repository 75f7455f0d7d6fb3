"""A switch in words: the conditions before it, its steps with their times, what each has done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend import texts
from backend.core.takeover import cutover as way
from backend.core.takeover.cutover import Check, State
from backend.flows.widget import spoken
from backend.store import cutovers
from backend.store.connections import BranchRow
from backend.store.cutovers import Cutover, CutoverStep
from backend.store.writers import Writer

AREA = "takeover_cutover"
SHOWN = tuple(state for state in way.WAY if state not in (State.QUEUED, State.DONE))
TONES = {"done": "good", "running": "warn", "failed": "bad", "left": ""}
SCREENS = {
    "connected": "salons", "observed": "salons", "working": "account", "routes": "routes",
    "rights": "salons", "list": "takeover_shadow", "writer": "takeover_profile", "gate": "takeover_shadow",
    "review": "takeover_review", "counters": "takeover_counters", "uncounted": "takeover_counters",
    "probe": "takeover_probes",
}  # fmt: skip
EVEN_NONE = ("records", "asked", "heard", "found")


@dataclass(frozen=True, slots=True)
class Address:
    """A stranger's address in a salon's list."""

    url: str
    is_likely: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A check in words; `todo` is empty when it is green, `screen` is where it is put right."""

    code: str
    tone: str
    title: str
    todo: str
    screen: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A step of the timeline. `at` is the clock of its beginning, `took` how long, `own` our part of it;
    `told` are sentences of what it did, `waits` what it waits for now.
    """

    state: State
    tone: str
    title: str
    at: str = ""
    took: str = ""
    own: str = ""
    told: tuple[str, ...] = ()
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A salon in the list of all."""

    branch: BranchRow
    writer: str
    tone: str
    newest: Cutover | None
    is_open: bool
    may_begin: bool


def line(branch: BranchRow, writer: Writer | None, newest: Cutover | None) -> Line:
    is_open = newest is not None and not newest.is_over
    is_plain = writer is None and branch.mode == "active"
    name = "ours" if is_plain else writer.writer.value if writer else "get8"
    tone = {"ours": "good", "draining": "warn"}.get(name, "")
    return Line(branch, name, tone, newest, is_open, not is_open and name == "get8")


def check(one: Check, language: str) -> Condition:
    """Codes inside the details become words."""
    gaps = {**one.details, "red": _counters(one.details.get("red"), language)}
    if "why" in gaps:
        gaps["why"] = spoken.trouble(language, str(gaps["why"]))
    tone = "good" if one.is_green else "bad" if one.is_needed else "warn"
    place = f"{AREA}.check.{one.code}"
    title = texts.t(f"{place}.{'ok' if one.is_green else 'title'}", language, **gaps)
    if one.is_green:
        return Condition(one.code, tone, title, "")
    todo = texts.t(f"{place}.todo", language, **gaps)
    return Condition(one.code, tone, title, todo, SCREENS.get(one.code, ""))


def timeline(one: Cutover | None, now: datetime, zone: str | None, language: str) -> list[Shown]:
    """All steps of the way, those to come too; a way back stands where it was taken."""
    if one is None:
        return []
    done = {step.step: step for step in cutovers.steps(one.id)}
    taken = [state for state in SHOWN if state in done]
    to_come = [] if one.is_over or one.state is State.GOING_BACK else SHOWN[len(taken) :]
    found = [_step(one, done[state], now, zone, language) for state in taken]
    if State.GOING_BACK in done:
        found.append(_step(one, done[State.GOING_BACK], now, zone, language))
    coming = [Shown(state, "", texts.t(f"{AREA}.step.{state}.title", language)) for state in to_come]
    return [*found, *coming]


def is_by_hand(one: Cutover | None) -> bool:
    """Whether a person is asked to switch the other widget off."""
    if one is None or one.state is not State.STOPPING:
        return False
    return any(step.step is State.STOPPING and step.details.get("by_hand") for step in cutovers.steps(one.id))


def _step(one: Cutover, step: CutoverStep, now: datetime, zone: str | None, language: str) -> Shown:
    is_now = step.step is one.state
    took = (step.ended_at or now) - step.began_at
    return Shown(
        step.step,
        TONES[step.outcome],
        texts.t(f"{AREA}.step.{step.step}.title", language),
        f"{step.began_at.astimezone(spoken.zone(zone)):%H:%M:%S}",
        exact(took, language),
        exact(timedelta(milliseconds=step.own_ms), language),
        tuple(_told(step, zone, language)),
        _waits(one, step, zone, language) if is_now and not one.is_over else "",
    )


def _told(step: CutoverStep, zone: str | None, language: str) -> list[str]:
    """A sentence for each thing that the step wrote down and that has words."""
    gaps = dict(step.details)
    if "red" in gaps:
        gaps["n_red"] = len(gaps["red"])
        gaps["red"] = _names(step.step, gaps["red"], language)
    for name in ("removed", "unheard"):
        if isinstance(gaps.get(name), list):
            gaps[name] = ", ".join(map(str, gaps[name]))
    if gaps.get("last"):
        gaps["last"] = f"{datetime.fromisoformat(gaps['last']).astimezone(spoken.zone(zone)):%H:%M:%S}"
    if "error" in gaps:
        gaps["error"] = spoken.trouble(language, str(gaps["error"]))
    place = f"{AREA}.step.{step.step}.told"
    named = [name for name, value in gaps.items() if _counts(name, value) and texts.has(f"{place}.{name}")]
    sentences = [texts.t(f"{place}.{name}", language, **_filled(gaps, name)) for name in named]
    return [*sentences, *([str(gaps["error"])] if "error" in gaps else [])]


def _counts(name: str, value: object) -> bool:
    """Of some things it is worth saying that there were none."""
    return bool(value) or (value == 0 and name in EVEN_NONE)


def _filled(gaps: Mapping[str, object], name: str) -> dict[str, object]:
    return {**gaps, "n": gaps[name]}


def _names(state: State, codes: list[str], language: str) -> str:
    if state is State.PREFLIGHT:
        return ", ".join(texts.t(f"{AREA}.check.{code}.name", language) for code in codes)
    return _counters(codes, language)


def _counters(codes: object, language: str) -> str:
    names = codes if isinstance(codes, list) else []
    return ", ".join(texts.t(f"takeover_counters.code.{code}", language) for code in names)


def _waits(one: Cutover, step: CutoverStep, zone: str | None, language: str) -> str:
    """What it waits for, with the time when that is known."""
    if one.trouble:
        return spoken.trouble(language, one.trouble)
    code = f"{AREA}.waits.{step.step}"
    if step.step is State.ANNOUNCED:
        return texts.t(code, language, at=_clock(step.began_at + way.ANNOUNCED_FOR, zone))
    if step.step is State.DRAINING and one.t0:
        last = datetime.fromisoformat(step.details["last"]) if step.details.get("last") else None
        return texts.t(code, language, at=_clock(way.silent_at(one.t0, last), zone))
    if step.step is State.WATCHING:
        return texts.t(code, language, at=_clock(step.began_at + way.WATCHED_FOR, zone))
    return texts.t(code, language) if texts.has(code) else ""


def _clock(moment: datetime, zone: str | None) -> str:
    return f"{moment.astimezone(spoken.zone(zone)):%H:%M:%S}"


def exact(length: timedelta, language: str) -> str:
    """Short times to the tenth, longer ones in minutes and seconds."""
    seconds = length.total_seconds()
    if seconds < 10:
        return texts.t(
            f"{AREA}.short", language, n=f"{seconds:.1f}".replace(".", "," if language == "ru" else ".")
        )
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return texts.t(f"{AREA}.seconds", language, n=rest)
    return texts.t(f"{AREA}.minutes", language, n=minutes, rest=f"{rest:02}")
