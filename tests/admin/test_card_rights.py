"""«Карточка»: who may do what from a card in amoCRM."""

import pytest

from backend.core.rules.sections import CardRights, Who
from backend.flows.rules import configuration
from backend.store import audit
from tests.admin.conftest import HOME
from tests.admin.reading import text_of

CARD = f"{HOME}/card"
AS_THEY_ARE = {
    "base": "1", "create": "everyone", "move": "everyone", "cancel": "everyone", "confirm": "everyone",
    "arrive": "everyone",
}  # fmt: skip


@pytest.fixture
def current(stand):
    return lambda: configuration.current(stand.account.id)


def send(browser, **changed):
    return browser.post(CARD, **{**AS_THEY_ARE, **changed})


def test_the_page_asks_about_every_deed(owner):
    page = text_of(owner.get(CARD))

    for words in ("Записать клиента", "Перенести запись", "Отменить запись", "Подтвердить запись"):
        assert words in page
    assert owner.get(CARD).text.count("checked") == 5


def test_what_was_chosen_is_saved_and_told_in_the_trail(stand, owner, current):
    answer = send(owner, cancel="admins", arrive="nobody", attendance_from_stage="1")

    assert answer.status_code == 303
    assert current().card == CardRights(cancel=Who.ADMINS, arrive=Who.NOBODY)
    assert current().options.attendance_from_stage is True
    assert audit.page(stand.account.id)[0].after["card.cancel"] == "admins"
    trail = text_of(owner.get(f"{HOME}/audit"))
    assert "Кто может отменять из карточки всем администраторам" in trail


def test_the_switch_is_taken_off_again(owner, current):
    send(owner, attendance_from_stage="1")

    send(owner, base="2")

    assert current().options.attendance_from_stage is False


def test_other_options_stay(owner, current):
    before = current().options.settle

    send(owner, create="nobody")

    assert current().options.settle == before


def test_a_choice_that_there_is_not_is_told_beside_it(owner, current):
    answer = send(owner, move="manager")

    assert answer.status_code == 422
    assert 'id="move-problem"' in answer.text
    assert current().card == CardRights()


def test_what_somebody_else_saved_meanwhile_is_not_written_over(owner, current):
    send(owner, cancel="admins")

    answer = send(owner, cancel="nobody")

    assert answer.status_code == 422
    assert current().card.cancel is Who.ADMINS


def test_a_viewer_looks_only(viewer, current):
    assert "<button" not in viewer.get(CARD).text.partition("<main")[2]
    assert send(viewer, create="nobody").status_code == 403
    assert current().card == CardRights()
