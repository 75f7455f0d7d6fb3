"""Directions by looking: the board, moving, proposals, services apart, the list of directions."""

from dataclasses import replace

import pytest

from backend.core.rules import configuration_changes
from backend.core.rules.configuration import FieldName
from backend.flows.rules import configuration
from backend.store import alarms, configs, connections, db, operators
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import TVERSKAYA, UNMAPPED, URAL

BOARD = f"{HOME}/directions"
MANICURE, EPILATION_CARD = f"{TVERSKAYA}:509", f"{TVERSKAYA}:501,{URAL}:601"


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def base(stand):
    return lambda: configuration.number(stand.account.id)


@pytest.fixture
def move(owner, base):
    def press(*cards, to, **more):
        return owner.post(f"{BOARD}/move", card=list(cards), to=to, base=base(), **more)

    return press


def trail(stand):
    return operators.audit_page(stand.account.id)[0]


# Looking


def test_the_board_shows_categories_of_all_salons_under_their_directions(owner):
    page = text_of(owner.get(BOARD))

    assert "Не разобрана 1 категория" in page
    assert "Маникюр Тверская · 1 услуга" in page
    assert "Эпиляция все салоны · 3 услуги" in page
    assert "Пока записи с такими услугами попадают в направление «Прочее»" in page


def test_the_alarm_leads_to_what_is_left(stand, owner):
    stand.book(UNMAPPED)
    stand.settle()
    assert f'href="{BOARD}?only=unmapped"' in owner.get(HOME).text

    page = text_of(owner.get(f"{BOARD}?only=unmapped"))

    assert "Маникюр" in page
    assert "Косметология Тверская" not in page


def test_a_vanished_category_shows_while_a_booking_asks_for_it(stand, owner):
    db.run("UPDATE branch_categories SET is_gone = true WHERE category_id = 509")
    assert "Маникюр" not in text_of(owner.get(BOARD))

    alarms.raise_alarm(stand.account.id, "category_unmapped", "notice", MANICURE, {}, stand.now())

    assert "Маникюр Тверская · 1 услуга больше нет в YCLIENTS" in text_of(owner.get(BOARD))


def test_a_mapped_category_that_no_list_has_shows_by_its_number(stand, owner):
    db.run("DELETE FROM branch_categories WHERE category_id = 503")

    assert "№ 503 Тверская больше нет в YCLIENTS" in text_of(owner.get(BOARD))


def test_a_new_account_is_told_to_connect_salons(stand, owner):
    db.run("DELETE FROM config_versions")

    assert "Пока нечего раскладывать" in text_of(owner.get(BOARD))


def test_a_viewer_looks_but_does_not_touch(viewer, rules):
    before = rules()

    assert 'name="card"' not in viewer.get(BOARD).text
    assert viewer.post(f"{BOARD}/move", card=MANICURE, to="epilation", base=1).status_code == 403
    assert rules() == before


def test_the_address_of_another_account_is_none(owner):
    assert owner.get("/admin/accounts/other.amocrm.ru/directions").status_code == 404


def test_a_hostile_title_is_shown_as_text(stand, owner):
    db.run("UPDATE branch_categories SET title = %s WHERE category_id = 509", ("<script>alert(1)</script>",))

    page = owner.get(BOARD).text

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


# Moving


def test_moving_a_category_maps_it_and_bookings_follow(stand, owner, move, rules):
    record = stand.book(UNMAPPED)
    stand.settle()
    assert stand.reason(record) == "created"

    answer = move(MANICURE, to="cosmetology")

    assert (answer.status_code, answer.location) == (303, BOARD)
    assert rules().direction("cosmetology").categories[TVERSKAYA] == {503, 509}
    assert "Все категории разобраны" in text_of(owner.get(BOARD))
    line = trail(stand)
    assert (line.action, line.operator) == ("configuration.saved", "irina")
    assert line.after == {"directions[cosmetology].categories.41001": [503, 509]}


def test_many_cards_move_at_once(move, rules):
    move(MANICURE, EPILATION_CARD, to="cosmetology")

    assert rules().direction("cosmetology").categories == {TVERSKAYA: {501, 503, 509}, URAL: {601}}
    assert rules().direction("epilation").categories == {}


def test_moving_may_make_the_direction(move, rules):
    move(MANICURE, to="new:", new_title="Ногти")

    assert rules().direction("nogti").categories == {TVERSKAYA: {509}}


def test_back_to_unsorted(move, rules):
    move(EPILATION_CARD, to="")

    assert rules().direction("epilation").categories == {}


def test_nothing_ticked_is_said_beside_the_choice(move):
    answer = move(to="epilation")

    assert answer.status_code == 422
    assert 'id="to-problem">Отметьте хотя бы одну категорию' in answer.text


def test_a_new_direction_needs_a_name_and_the_ticks_stay(move):
    answer = move(MANICURE, to="new:", new_title=" ")

    assert answer.status_code == 422
    assert 'id="new_title-problem"' in answer.text
    assert f'value="{MANICURE}" checked' in answer.text


def test_a_direction_removed_meanwhile_is_said(move):
    assert "Этого направления уже нет" in move(MANICURE, to="nobody").text


def test_who_saved_meanwhile_is_said_and_what_was_ticked_stays(owner, base, move, rules):
    first = base()
    move(EPILATION_CARD, to="cosmetology")
    after = rules()

    answer = owner.post(f"{BOARD}/move", card=MANICURE, to="epilation", base=first)

    assert answer.status_code == 422
    assert "irina сохранил версию 2" in answer.text
    assert f'value="{MANICURE}" checked' in answer.text
    assert f'name="base" value="{base()}"' in answer.text
    assert rules() == after


def test_what_another_screen_must_mend_first_says_where(stand, move):
    connections.forget_token(stand.account.id, URAL)

    answer = move(MANICURE, to="epilation")

    assert answer.status_code == 422
    assert f'<a href="{HOME}/salons">Исправить: Салоны</a>' in answer.text


def test_a_field_that_vanished_does_not_keep_the_board_from_being_saved(stand, move, rules):
    before = configuration.current(stand.account.id)
    broken = configuration_changes.render(replace(before, fields={**before.fields, FieldName.MASTER: 9199}))
    configs.save(stand.account.id, broken, "тест", "", stand.now())

    assert move(MANICURE, to="epilation").status_code == 303


def test_nonsense_in_a_form_moves_nothing(owner, base, rules):
    before = rules()

    answer = owner.post(f"{BOARD}/move", card="41001:x,;drop", to="epilation", base=base())

    assert answer.status_code == 422
    assert rules() == before


# Proposals


def test_a_proposal_is_only_a_form(owner, rules):
    before = rules()

    page = owner.get(f"{BOARD}?suggest=1").text

    assert '<option value="new:Ногти" selected>Ногти (новое)' in page
    assert rules() == before


def test_a_proposal_is_saved_as_it_was_left(owner, base, rules):
    choices = {f"to:{MANICURE}": "new:Ногти", f"to:{EPILATION_CARD}": ""}

    owner.post(f"{BOARD}/suggested", card=[MANICURE, EPILATION_CARD], base=base(), **choices)

    assert rules().direction("nogti").categories == {TVERSKAYA: {509}}
    assert rules().direction("epilation").categories == {TVERSKAYA: {501}, URAL: {601}}


def test_a_proposal_that_came_too_late_keeps_each_choice_at_its_card(owner, base, move):
    first = base()
    move(EPILATION_CARD, to="")

    answer = owner.post(f"{BOARD}/suggested", card=[MANICURE], base=first, **{f"to:{MANICURE}": "other"})

    assert answer.status_code == 422
    row = answer.text.split(f'value="{MANICURE}"')[1].split("</select>")[0]
    assert '<option value="other" selected>' in row


def test_a_viewer_is_proposed_nothing(viewer):
    assert "Сохранить предложенное" not in viewer.get(f"{BOARD}?suggest=1").text


# Reading anew


def test_price_lists_are_read_anew_in_their_turn(stand, owner):
    stand.world.yclients.company(
        TVERSKAYA, title="Тверская", timezone_name="Europe/Moscow",
        categories=[{"id": 777, "title": "Солярий"}], services=[], staff=[],
    )  # fmt: skip

    answer = owner.post(f"{HOME}/reread/salons", screen="directions")
    stand.work()

    assert (answer.status_code, answer.location) == (303, BOARD)
    assert "Солярий" in text_of(owner.get(BOARD))
    assert trail(stand).action == "salons.reread"


def test_a_viewer_reads_nothing_anew(viewer):
    assert viewer.post(f"{HOME}/reread/salons", screen="directions").status_code == 403
