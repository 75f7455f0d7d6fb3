"""The live test call: asked from the panel, each step seen as it comes, and where it breaks."""

import re

import pytest

from backend.core.telephony.call import Outcome, Stage
from backend.core.telephony.rules import Dialling
from backend.flows.telephony.desk import dialling
from backend.store import audit
from backend.store.telephony import dials
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.cards import live as going
from tests.support.stand import OLGA

__all__ = ["stand"]

PAGE = f"{HOME}/telephony/test"
NUMBER = "8 999 555-00-11"


def press(owner, number=NUMBER, user=OLGA):
    return owner.post(PAGE, number=number, user=str(user))


def steps(owner):
    """(step, state) of the newest one."""
    first = owner.get(PAGE).text.split("<article", 1)[1].split("</article>", 1)[0]
    return {step: state for state, step in re.findall(r'<li class="(\w+)">\s*<strong>([^<]+)<', first)}


def claimed(stand):
    return dialling.claim(stand.ctx, stand.pbx.id)


def test_a_press_waits_for_the_pbx_and_leaves_a_line_in_the_trail(stand, owner):
    assert press(owner).status_code == 303

    assert steps(owner) == {
        "Попросили набрать": "done", "АТС взялась": "now", "Телефон сотрудника": "later",
        "Клиент": "later", "Разговор": "later", "Записано в amoCRM": "later",
    }  # fmt: skip
    assert claimed(stand).user_id == OLGA
    assert "telephony.tried" in {entry.action for entry in audit.page(stand.account.id)}


def test_every_step_is_seen(stand, owner):
    press(owner)
    dial = claimed(stand)
    dialling.sent(stand.ctx, dial.id)
    assert steps(owner)["Телефон сотрудника"] == "now"

    dialling.answered(stand.ctx, dial.id, is_good=True)
    assert (steps(owner)["Телефон сотрудника"], steps(owner)["Клиент"]) == ("done", "now")

    call = stand.call(
        "out", client="+79995550011", operator="102", talks=[("102", 5, 30)], request_id=dial.token
    )
    dialling.followed(stand.ctx, going(call, Stage.TALKING, talks=["102"]))
    assert (steps(owner)["Клиент"], steps(owner)["Разговор"]) == ("done", "now")

    stand.store(call)
    dialling.followed(stand.ctx, call)
    assert (steps(owner)["Разговор"], steps(owner)["Записано в amoCRM"]) == ("done", "now")
    stand.work()
    assert steps(owner)["Записано в amoCRM"] == "done"


@pytest.mark.parametrize(
    ("said", "words"),
    [({"reason": "3"}, "Трубку не сняли"), ({"reason": "0", "cause": 17}, "занят"),
     ({"text": "Extension does not exist."}, "АТС отказалась набирать")],
)  # fmt: skip
def test_where_it_broke_is_said(stand, owner, said, words):
    press(owner)
    dialling.answered(stand.ctx, claimed(stand).id, is_good=False, **said)

    assert "bad" in steps(owner).values()
    assert words in text_of(owner.get(PAGE))


def test_a_busy_client_is_said_at_the_client(stand, owner):
    press(owner)
    dial = claimed(stand)
    call = stand.call(
        "out", client="+79995550011", operator="102", request_id=dial.token, outcome=Outcome.BUSY
    )
    dialling.followed(stand.ctx, call)

    assert steps(owner)["Клиент"] == "bad"
    assert "У клиента занято" in text_of(owner.get(PAGE))


def test_without_a_listener_it_says_so(stand, owner):
    press(owner)
    stand.pass_time(11)
    dialling.sweep(stand.ctx)

    assert steps(owner)["АТС взялась"] == "bad"
    assert "проверьте на вкладке «Состояние»" in text_of(owner.get(PAGE))


def test_a_call_from_outside_is_seen_as_well(stand, owner):
    call = stand.call(talks=[("102", 5, 60)])
    stand.store(call)

    assert steps(owner) == {
        "АТС сообщила о звонке": "done", "Телефон звонит": "done", "Трубку сняли": "done",
        "Звонок окончен": "done", "Записано в amoCRM": "now",
    }  # fmt: skip
    stand.work()
    assert steps(owner)["Записано в amoCRM"] == "done"


def test_a_call_that_nobody_took_says_so(stand, owner):
    stand.store(stand.call(rings=["102"]))

    assert steps(owner)["Трубку сняли"] == "bad"
    assert "Никто не ответил." in text_of(owner.get(PAGE))


def test_a_click_that_was_not_taken_up_is_a_call_to_its_number(stand, owner):
    press(owner)
    dial = claimed(stand)
    stand.store(stand.call("internal", rings=["102"], client="", request_id=dial.token))

    said = text_of(owner.get(f"{HOME}/telephony/calls"))
    assert "+7 999 555-00-11" in said
    assert "Номер скрыт" not in said


def test_what_is_long_over_is_no_test_any_more(stand, owner):
    stand.called(talks=[("102", 5, 60)])
    stand.pass_time(700)

    assert "Звонков пока не было" in text_of(owner.get(PAGE))


@pytest.mark.parametrize(
    ("number", "words"),
    [("112", "экстренные"), ("", "Заполните"), ("abc", "лишние знаки"), ("102", "собственный")],
)
def test_a_number_that_is_not_dialled_says_why_beside_the_field(stand, owner, number, words):
    answer = press(owner, number)

    assert answer.status_code == 422
    assert words.casefold() in text_of(answer).casefold()
    assert claimed(stand) is None


def test_a_rule_that_is_off_is_said_above_the_form(stand, owner):
    stand.rules(dialling=Dialling(is_on=False))

    assert "выключены" in text_of(press(owner))


def test_before_telephony_is_on_there_is_nothing_to_try(stand, owner):
    stand.rules(is_on=False)

    page = text_of(owner.get(PAGE))

    assert "Пробовать пока нечего" in page


def test_what_was_refused_is_no_test(stand, owner):
    press(owner, "112")

    assert dials.newest(stand.account.id)[0].status == "refused"
    assert "Звонков пока не было" in text_of(owner.get(PAGE))


def test_a_call_dialled_by_hand_says_why_the_client_was_not_reached(stand, owner):
    stand.called("out", outcome=Outcome.WRONG_NUMBER, lasts=4)

    told = steps(owner)
    assert list(told) == ["АТС сообщила о звонке", "Клиент", "Звонок окончен", "Записано в amoCRM"]
    assert (told["Клиент"], told["Звонок окончен"]) == ("bad", "done")
    said = text_of(owner.get(PAGE))
    assert "Такого номера нет." in said
    assert "Никому не позвонили" not in said


def test_a_call_dialled_by_hand_that_was_answered_has_no_trouble(stand, owner):
    stand.called("out", talks=[("101", 5, 30)])

    assert set(steps(owner).values()) == {"done"}


@pytest.mark.parametrize(
    ("is_stopped", "told"),
    [(True, "Мостик сразу положил трубку"), (False, "прервать его не дала")],
)
def test_a_call_that_was_begun_after_it_had_failed_says_so(stand, owner, is_stopped, told):
    press(owner)
    dial = claimed(stand)
    dialling.silent(stand.ctx, dial.id)
    assert "АТС не ответила" in text_of(owner.get(PAGE))
    row = keep(stand, "internal", client="", rings=["102"], request_id=dial.token, outcome=Outcome.NO_ANSWER)

    dialling.begun_late(stand.ctx, dial.id, row.uniq, is_stopped=is_stopped)

    assert dials.by_id(dial.id).call_uniq == row.uniq
    assert told in text_of(owner.get(PAGE))
    assert told in text_of(owner.get(f"{HOME}/telephony/calls/{row.id}"))
