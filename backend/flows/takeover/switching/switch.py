"""A switch in somebody's hands, and the words by which people hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.core.errors import AppError, TryLater
from backend.core.takeover.cutover import State
from backend.flows.context import Context, KeepAlive
from backend.flows.takeover.hands import hook_lists
from backend.store import alarms, lanes, writers
from backend.store.cutovers import Cutover, CutoverStep
from backend.store.writers import WriterName

RUNNING, RED, NOT_RESTORED = (
    "takeover_cutover.running", "takeover_cutover.red", "takeover_cutover.not_restored",
)  # fmt: skip
SOON = timedelta(seconds=1)


class Waits(TryLater):
    """The step goes on by itself after some time."""

    def __init__(self, state: State) -> None:
        super().__init__("takeover_cutover.waiting", after=SOON, state=str(state))


@dataclass
class Switch:
    """A switch in the hands of the one who goes on with it; `told` is what the step's row will say."""

    ctx: Context
    cutover: Cutover
    step: CutoverStep
    keep_alive: KeepAlive
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> int:
        return self.cutover.account_id

    @property
    def company_id(self) -> int:
        return self.cutover.company_id

    @property
    def kept(self) -> Mapping[str, Any]:
        return self.cutover.kept

    def wait(self) -> bool:
        raise Waits(self.cutover.state)

    def writer(self) -> WriterName | None:
        held = writers.of_salon(self.account_id, self.company_id)
        return held.writer if held else None


# Words for people


def announce(ctx: Context, one: Cutover) -> None:
    notice(ctx, one, RUNNING, {"branch": title(one)})


def unannounce(ctx: Context, one: Cutover) -> None:
    alarms.resolve(one.account_id, RUNNING, scope_kind="notice", scope_key=str(one.company_id))
    ctx.ring(lanes.lane_id(one.account_id, lanes.BOOKINGS))


def notice(ctx: Context, one: Cutover, code: str, details: Mapping[str, object]) -> None:
    alarms.raise_alarm(one.account_id, code, "notice", str(one.company_id), details, ctx.now())


def title(one: Cutover) -> str:
    try:
        return hook_lists.branch_of(one.account_id, one.company_id).title
    except AppError:
        return str(one.company_id)
