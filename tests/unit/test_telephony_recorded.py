"""Every recorded call of both Asterisks, live and from its tables, folds into the facts expected of it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.telephony import fold, reading
from backend.core.telephony.call import CRM_STATUS, Stage
from backend.core.telephony.channels import FoldRules
from backend.integrations.asterisk.protocol import Parser
from sandbox.asterisk import recorded

RULES = FoldRules(trunks=frozenset({"msk", "spb"}), phones=frozenset({"101", "102", "103"}))
HEARD = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOLERANCE = 0.6  # seconds: the calls were played by hand of a script, not by a clock
NAMES = recorded.names()


def folded(stream, rules=RULES, pbx_id=1):
    """The calls of a stream, and every change that was told on the way."""
    state, changes = fold.Fold(pbx_id, rules), []
    for frame in Parser(reading.WANTED).feed(stream):
        moment = reading.moment(frame, HEARD)
        if moment is not None:
            state, told = fold.advance(state, moment)
            changes += told
    state, told = fold.settled(state, HEARD + timedelta(seconds=2))
    return [change.call for change in told], [*changes, *told]


def as_expected(call):
    """The words of the expected file."""
    return {
        "direction": call.way.value, "trunk": call.trunk, "client": call.client, "did": call.did,
        "operator": call.operator, "rung": list(call.rung), "talked": list(call.talked),
        "last_talker": call.last_talker or None,
        "result": {"unreached": "not reached"}.get(call.outcome, str(call.outcome).replace("_", " ")),
        "amo_status": CRM_STATUS.get(call.outcome), "lost_after_transfer": call.lost_after_transfer,
        "talk": call.talk.total_seconds(), "wait": call.wait.total_seconds(),
    }  # fmt: skip


def differences(expected, call):
    got = as_expected(call)
    told = {name: value for name, value in expected.items() if name != "note"}
    return {
        name: (got[name], value)
        for name, value in told.items()
        if (abs(got[name] - value) > TOLERANCE if isinstance(value, float) else got[name] != value)
    }


@pytest.mark.parametrize("name", NAMES, ids="-".join)
def test_a_recorded_stream(name):
    calls, changes = folded(recorded.stream(name))
    expected = recorded.expected(name.scenario)

    assert len(calls) == len(expected)
    assert [differences(*pair) for pair in zip(expected, calls, strict=True)] == [{}] * len(expected)
    assert not any(call.is_incomplete for call in calls)
    assert {call.stage for call in calls} == {Stage.ENDED}
    assert len({call.uniq for call in calls}) == len(calls)
    assert sum(change.kind == fold.ENDED for change in changes) == len(calls)
