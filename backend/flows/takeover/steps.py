"""Slices of the long work of a move, by kind; wiring hands them to whoever goes on with long work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.profile import profiling
from backend.flows.takeover.reading import discovery
from backend.flows.takeover.returning import rollback
from backend.flows.takeover.switching import cutover
from backend.flows.works.long_steps import Step, Task

STEPS: Mapping[str, Callable[[Task], Step]] = {
    discovery.KIND: discovery.step,
    profiling.KIND: profiling.go_on,
    matching.KIND: matching.step,
    adoption.KIND: adoption.step,
    cutover.KIND: cutover.step,
    rollback.KIND: rollback.step,
}
