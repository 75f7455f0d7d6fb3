"""`python -m tests.crash.cutover_victim POINT CUTOVER`: goes on with a switch until it dies at POINT, or has
to wait. A point is a state and a place in it.
"""

import sys

from backend import wiring
from backend.core.errors import TryLater
from backend.flows.takeover.hands import hook_lists, lease
from backend.flows.takeover.switching import catch_up, cutover, cutover_steps, snapshots
from backend.settings import Settings
from backend.store import cutovers
from tests.crash import points

NOWHERE = "nowhere"
WAITS = 3  # how a process ends that has nothing to do yet
PLACES = {  # what dies with its deed done and nothing of it told
    "announced.snapshot": (snapshots, "take"),
    "stopping.list": (hook_lists, "remove"),
    "draining.adopted": (catch_up, "adopt"),
    "leasing.handed": (lease, "hand_over"),
    "catching_up.asked": (catch_up, "ask"),
    "going_back.list": (hook_lists, "restore"),
    "going_back.handed": (lease, "hand_over"),
}


def dies_after(owner, name):
    original = getattr(owner, name)

    def passing(*args, **more):
        original(*args, **more)
        points.die()

    setattr(owner, name, passing)


def dies_in(state, place):
    """At the door of the step, or with its work done and the next one not entered."""
    original = cutover_steps.STEPS[state]

    def passing(switch):
        if place == "begun":
            points.die()
        done = original(switch)
        if done:
            points.die()
        return done

    cutover_steps.STEPS = {**cutover_steps.STEPS, state: passing}


def main():
    point, cutover_id = sys.argv[1], int(sys.argv[2])
    if point in PLACES:
        dies_after(*PLACES[point])
    elif point != NOWHERE:
        dies_in(*point.split("."))
    ctx = wiring.build_context(Settings.from_env())
    try:
        while not cutovers.get(cutover_id).is_over:
            cutover.go_on(ctx, cutover_id)
    except TryLater:
        sys.exit(WAITS)


if __name__ == "__main__":
    main()
