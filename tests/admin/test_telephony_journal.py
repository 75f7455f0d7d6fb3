"""Calls in the journal: what came of each, and what was done in amoCRM, in words."""

import pytest

from backend.core.telephony.rules import LogAs
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of

__all__ = ["stand"]

TALK = [("101", 5, 60)]


def page_of(stand, owner, call):
    (event,) = stand.call_events(call)
    answer = owner.get(f"{HOME}/events/{event.id}")
    assert answer.status_code == 200
    return text_of(answer)


def test_a_call_tells_what_was_done(stand, owner):
    call = stand.call("in")
    stand.finish(call)

    told = page_of(stand, owner, call)

    assert "Клиента с таким номером не было" in told
    for words in ("Создать сделку", "Записать звонок в amoCRM", "Поставить задачу"):
        assert words in told


@pytest.mark.parametrize(
    ("rules", "words"),
    [({"incoming": True}, "Неразобранное"), ({"log": LogAs.NOTES}, "Записать звонок примечанием")],
)
def test_every_command_has_its_words(stand, owner, rules, words):
    stand.rules(**rules)
    call = stand.call("in", talks=TALK)
    stand.finish(call)

    assert words in page_of(stand, owner, call)


def test_a_notice_says_that_it_was_shown(stand, owner):
    call = stand.call("in")
    stand.ring(call, "101")
    stand.work()

    assert "amoCRM показала, кто звонит." in page_of(stand, owner, call)


def test_the_journal_lists_calls(stand, owner):
    stand.called("in", talks=TALK)

    listed = text_of(owner.get(f"{HOME}/events?what=all"))

    assert "Звонок" in listed
