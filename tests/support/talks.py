"""Talks on a stand-in for Asterisk, and waiting until the listener has heard of them."""

import time

from backend.store.telephony import calls
from sandbox.asterisk import recorded
from sandbox.asterisk.replay import Cast

CLIENT = "79161234567"


def until(condition, seconds=10.0):
    """What `condition` says once it says something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"still not after {seconds} s"
        time.sleep(0.02)
    return found


def ended(listening, count=1):
    """Calls that are over, when there are so many."""
    return until(
        lambda: len(found := [c for c in listening.calls() if c["state"] != "open"]) >= count and found
    )


def one_open(listening, stage):
    return until(lambda: [c for c in listening.calls() if (c["state"], c["stage"]) == ("open", stage)])[0]


def call_of(listening, uniq):
    return calls.by_uniq(listening.stand.account.id, uniq).call


def after_the_answer(played):
    """The moment when both hear each other."""
    enters = [event.after for event in played.events if event.block.startswith(b"Event: BridgeEnter")]
    return enters[1] + 0.001


def begin_talk(pbx, scenario="inbound-answered", client=CLIENT):
    """Plays up to the talk; returns what goes on."""
    played = pbx.prepare(recorded.Name("16", "all", scenario), Cast({"79990001122": client}))
    answered = after_the_answer(played)
    pbx.go_on(played, until=answered, speed=1000.0)
    return lambda: pbx.go_on(played, after=answered, speed=1000.0)
