"""What a hook is given and what it may say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact, Lead
from backend.core.errors import InvalidInput
from backend.core.money import Kopecks
from backend.core.telephony.after import hooks
from backend.core.telephony.after.facts import CallFacts, Hooked
from backend.core.telephony.after.hooks import Answer
from tests.support.telling import at, ended

CALL = ended(talks=[("101", 2, 6)], recordings=("a.wav",))
KNOWN = CallFacts(CALL, at(60), "+79990001122", "office", users={7: "Анна"}, responsible_id=7)


def test_a_hook_gets_plain_data_about_the_call_and_around_it():
    call, facts = hooks.given(KNOWN)
    assert (call["way"], call["answered"], call["talk_seconds"], call["wait_seconds"]) == (
        "in",
        True,
        4.0,
        2.0,
    )
    assert (call["rung"], call["talked"], call["last_talker"]) == (["101"], ["101"], "101")
    assert (facts["number"], facts["contact"], facts["open_leads"]) == ("+79990001122", None, [])
    assert (facts["users"], facts["responsible_id"]) == ({"7": "Анна"}, 7)


def test_the_contact_and_its_leads_are_given():
    contact = Contact(5, "Мария")
    lead = Lead(6, 1, 2, Kopecks(0), "Стрижка", 7)
    _, facts = hooks.given(replace(KNOWN, contact=contact, open_leads=(lead,)))
    assert facts["contact"] == {"id": 5, "name": "Мария"}
    assert [one["id"] for one in facts["open_leads"]] == [6]


def test_an_answer_is_read():
    assert hooks.read(None) == hooks.read({}) == hooks.read({"skip": None}) == Answer()
    assert hooks.read({"skip": True, "stage": 9, "task": False}) == Answer(skip=True, stage_id=9, task=False)
    assert hooks.read({"task": " Позвонить "}) == Answer(task=True, task_text="Позвонить")
    assert hooks.read({"number": "8 999 000-11-22", "recordings": ["a.wav"]}) == Answer(
        number="+79990001122", recordings=("a.wav",)
    )
    assert hooks.read({"responsible": 7, "pipeline": 8}) == Answer(responsible_id=7, pipeline_id=8)


@pytest.mark.parametrize(
    "answer",
    [
        "skip", {"skipp": True}, {"skip": "yes"}, {"responsible": True}, {"responsible": "7"}, {"stage": 0},
        {"number": "anonymous"}, {"number": 79990001122}, {"task": ""}, {"task": "x" * 501}, {"task": 5},
        {"recordings": "a.wav"}, {"recordings": ["a"] * 11}, {"recordings": [5]},
    ],
)  # fmt: skip
def test_what_may_not_be_said_is_refused(answer):
    with pytest.raises(InvalidInput, match=r"call_hooks\."):
        hooks.read(answer)


def test_the_first_that_says_something_of_a_thing_decides_it():
    said = [
        ("one", Answer(pipeline_id=1, task=False)),
        ("two", Answer(skip=True, pipeline_id=2, stage_id=3, task=True, task_text="x", number="+7999")),
        ("three", Answer(skip=True, responsible_id=4, recordings=("b.wav",))),
    ]
    whole = hooks.merged(said)
    assert whole == Hooked(
        skip="two", number="+7999", responsible_id=4, pipeline_id=1, task=False, task_text="x"
    )
    assert hooks.applied(KNOWN, said).call.recordings == ("b.wav",)
    assert hooks.applied(KNOWN, []).call is CALL
    assert hooks.merged([("one", Answer(stage_id=5))]).stage_id == 5


def test_what_an_answer_says_is_shown():
    assert hooks.differences(Answer(skip=True, task=False)) == {"skip": True, "task": False}


def test_a_call_in_the_future_has_no_length():
    assert CALL.wait == timedelta(seconds=2)
