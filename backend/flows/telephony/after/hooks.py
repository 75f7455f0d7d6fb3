"""What the panel cannot say, a function added to this installation can: each switched on by the rules, each
in a process of its own with a time limit. One that fails is as if it had said nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points

from backend.core.errors import InvalidInput
from backend.core.telephony.after import hooks as core
from backend.core.telephony.after.facts import CallFacts
from backend.core.telephony.after.hooks import Answer
from backend.core.telephony.rules import Hook, TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.after import facts
from backend.flows.telephony.after.hook_process import HookProcess
from backend.store.telephony import hook_figures
from backend.store.telephony.calls import CallRow

log = logging.getLogger(__name__)

USUAL_MILLISECONDS = Hook("").milliseconds

_running = threading.local()


@dataclass(frozen=True, slots=True)
class Installed:
    """A function that is there. `place` is where its package has it: «package.module:function»."""

    name: str
    place: str
    package: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Dry:
    """One call of the past and what a hook says of it; `error` is a code with details when it fails."""

    row: CallRow
    answer: Answer | None
    error: InvalidInput | None = None
    milliseconds: float = 0.0


def installed() -> list[Installed]:
    """Everything that packages of this installation offer, by name."""
    found = {
        one.name: Installed(
            one.name, one.value, one.dist.name if one.dist else "", one.dist.version if one.dist else ""
        )
        for one in entry_points(group=core.GROUP)
    }
    return [found[name] for name in sorted(found)]


def asked(
    ctx: Context, account_id: int, known: Sequence[CallFacts], rules: TelephonyRules
) -> list[CallFacts]:
    """The facts with what the hooks that are on say of each call, in the order of the rules."""
    working = [hook for hook in rules.hooks if hook.is_on]
    return [_asked(ctx, account_id, one, working) for one in known] if working else list(known)


def try_on(
    ctx: Context, account_id: int, name: str, rows: Sequence[CallRow], milliseconds: int = USUAL_MILLISECONDS
) -> list[Dry]:
    """What a hook, on or off, would say of these calls now. Nothing is written, nothing counted."""
    rules = configuration.load(account_id)
    found = []
    for row, known in zip(rows, facts.gather(account_id, rows, ctx.now(), rules), strict=True):
        began = time.perf_counter()
        answer, error = None, None
        try:
            answer = _answer(Hook(name, True, milliseconds), known)
        except InvalidInput as failure:
            error = failure
        found.append(Dry(row, answer, error, (time.perf_counter() - began) * 1000))
    end_all()
    return found


def end_all() -> None:
    """Ends the children of this thread; they start again when asked."""
    for process in _processes().values():
        process.end()
    _processes().clear()


def _asked(ctx: Context, account_id: int, known: CallFacts, working: Sequence[Hook]) -> CallFacts:
    said = []
    for hook in working:
        began, error = time.perf_counter(), ""
        try:
            said.append((hook.name, _answer(hook, known)))
        except InvalidInput as failure:
            error = str(failure)
            log.warning("call hook failed account=%s name=%s code=%s", account_id, hook.name, failure.code)
        micros = round((time.perf_counter() - began) * 1_000_000)
        hook_figures.note(account_id, hook.name, micros, error, ctx.now())
    return core.applied(known, said)


def _answer(hook: Hook, known: CallFacts) -> Answer:
    processes = _processes()
    if hook.name not in processes:
        if hook.name not in {one.name for one in installed()}:
            raise InvalidInput("call_hooks.not_installed", name=hook.name)
        processes[hook.name] = HookProcess(hook.name)
    return core.read(processes[hook.name].ask(core.given(known), hook.milliseconds))


def _processes() -> dict[str, HookProcess]:
    if not hasattr(_running, "processes"):
        _running.processes = {}
    found: dict[str, HookProcess] = _running.processes
    return found


def shown(rules: TelephonyRules) -> Mapping[str, Hook]:
    """Name → how the rules have it."""
    return {hook.name: hook for hook in rules.hooks}
