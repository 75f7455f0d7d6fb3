"""What a provider means: in the account's own words, and only of calls that are left to be understood."""

from dataclasses import replace

import pytest

from backend.core.telephony.after import meaning
from backend.core.telephony.after.commands import LogCall, MakeLead, Notify
from backend.core.telephony.after.deciding import decide
from backend.core.telephony.call import Outcome, Way
from backend.core.telephony.rules import Result, ResultRule
from tests.support import make
from tests.support.call_facts import asked, facts, one, rules

DOWN = replace(make.call("out", outcome=Outcome.TRUNK_DOWN), dial_status="CONGESTION", cause=34)


def meant(result, dial_status="", cause=None, call=DOWN):
    wanted = rules(results=(ResultRule(result, dial_status, cause),))
    return meaning.understood(call, wanted).outcome, meaning.crm_status(call, wanted)


@pytest.mark.parametrize(
    ("result", "outcome", "status"),
    [
        (Result.LEFT_MESSAGE, Outcome.NO_ANSWER, 1), (Result.CALL_BACK, Outcome.NO_ANSWER, 2),
        (Result.NOT_IN_PLACE, Outcome.NO_ANSWER, 3), (Result.WRONG_NUMBER, Outcome.WRONG_NUMBER, 5),
        (Result.NO_ANSWER, Outcome.NO_ANSWER, 6), (Result.BUSY, Outcome.BUSY, 7),
    ],
)  # fmt: skip
def test_each_result_has_its_status_in_amocrm(result, outcome, status):
    assert meant(result, cause=34) == (outcome, status)


@pytest.mark.parametrize(
    ("dial_status", "cause", "fits"),
    [
        ("CONGESTION", 34, True),
        ("CONGESTION", None, True),
        ("", 34, True),
        ("BUSY", 34, False),
        ("", 17, False),
    ],
)
def test_status_and_cause_have_to_fit(dial_status, cause, fits):
    found = meant(Result.BUSY, dial_status, cause)

    assert found == ((Outcome.BUSY, 7) if fits else (Outcome.TRUNK_DOWN, 6))


def test_the_first_that_fits_wins_and_understood_again_it_stays():
    wanted = rules(results=(ResultRule(Result.BUSY, cause=34), ResultRule(Result.WRONG_NUMBER, "CONGESTION")))
    once = meaning.understood(DOWN, wanted)

    assert once.outcome is Outcome.BUSY
    assert meaning.understood(once, wanted) == once


@pytest.mark.parametrize(
    "call",
    [
        make.call("in"), make.call("out", talks=[("101", 5, 60)]),
        replace(make.call("out"), outcome=None), replace(make.call("out"), way=Way.UNKNOWN, outcome=None),
    ],
)  # fmt: skip
def test_what_is_clear_is_left_alone(call):
    outcome, status = meant(Result.WRONG_NUMBER, cause=call.cause, call=call)

    assert outcome is call.outcome
    assert status != 5


@pytest.mark.parametrize("is_on", [False, True])
def test_a_provider_that_calls_everything_congestion(is_on):
    results = (ResultRule(Result.NOT_IN_PLACE, "CONGESTION"),) if is_on else ()

    found = decide(facts(DOWN), rules(results=results, lead_out=True))

    assert bool(asked(found, MakeLead)) == is_on
    assert bool(asked(found, Notify)) == (not is_on)
    assert one(found, LogCall).logged.status == (3 if is_on else 6)
