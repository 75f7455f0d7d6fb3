"""Slices of the long work of a move, by kind; wiring hands them to whoever goes on with long work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.flows.takeover import adoption, cutover, discovery, matching, profiling, rollback
from backend.flows.works.long_steps import Step, Task

STEPS: Mapping[str, Callable[[Task], Step]] = {
    discovery.KIND: discovery.step,
    profiling.KIND: profiling.go_on,
    matching.KIND: matching.step,
    adoption.KIND: adoption.step,
    cutover.KIND: cutover.step,
    rollback.KIND: rollback.step,
}
