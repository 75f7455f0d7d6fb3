"""Every recorded call of both Asterisks, live and from its tables, folds into the facts expected of it."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.telephony.call import CRM_STATUS, Stage
from backend.core.telephony.hearing import cdr, cel, fold, reading, told
from backend.core.telephony.hearing.channels import FoldRules
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


def rows_of(name):
    tables = recorded.tables(name)
    return (
        [told.cel_row({k.lower(): v for k, v in row.items()}, UTC) for row in tables["cel"]],
        [told.cdr_row({k.lower(): v for k, v in row.items()}, UTC) for row in tables["cdr"]],
    )


@pytest.mark.parametrize("name", recorded.names(rights="all"), ids="-".join)
def test_a_recorded_event_table(name):
    events, _ = rows_of(name)
    calls = cel.calls_of(events, 1, RULES)
    expected = recorded.expected(name.scenario)

    assert [differences(*pair) for pair in zip(expected, calls, strict=True)] == [{}] * len(expected)
    assert {call.source for call in calls} == {"cel"}
    assert not any(call.is_incomplete for call in calls)


@pytest.mark.parametrize("name", recorded.names(rights="all"), ids="-".join)
def test_the_event_table_tells_what_the_stream_told(name):
    events, parts = rows_of(name)
    live, _ = folded(recorded.stream(name))
    files = cdr.recordings(parts)

    for one, other in zip(live, cel.calls_of(events, 1, RULES), strict=True):
        assert (one.uniq, one.linked, one.hung_up_by, one.miss) == (
            other.uniq, other.linked, other.hung_up_by, other.miss,
        )  # fmt: skip
        assert abs(one.began_at - other.began_at) < timedelta(milliseconds=50)
        assert set(one.recordings) == {file for linked in one.linked for file in files.get(linked, ())}


NOT_TOLD_BY_PARTS = {
    "menu-to-operator": {"talk", "wait"},  # the menu's answer is not told from a person's
    "outbound-wrong-number": {"result", "amo_status"},  # no cause of the hangup
    "pickup": {"rung"},
    "transfer-attended": {"talked", "last_talker", "lost_after_transfer", "talk"},
}
WHOLE_SECONDS = 1.0


@pytest.mark.parametrize("name", recorded.names(rights="all"), ids="-".join)
def test_a_recorded_table_of_parts(name):
    """What the CDR table cannot tell is known and no more than this."""
    _, parts = rows_of(name)
    untold = NOT_TOLD_BY_PARTS.get(name.scenario, set())
    untold = untold | ({"rung"} if name.scenario.startswith("click-to-call") else set())

    calls = cdr.calls_of(parts, 1, RULES)
    for call, wanted in zip(calls, recorded.expected(name.scenario), strict=True):
        found = differences(wanted, call)
        near = {
            k
            for k, (got, want) in found.items()
            if k in ("talk", "wait") and abs(got - want) <= WHOLE_SECONDS
        }
        assert set(found) - near <= untold, found
