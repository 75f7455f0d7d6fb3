"""«Почему эта сделка?»: from a number, a phone or a name to the reasons."""

import pytest

from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import EPILATION, LASER_LEGS, WAITING_LIST


@pytest.mark.parametrize("spelling", ["+79990000001", "8 (999) 000-00-01", "9990000001"])
def test_a_phone_leads_to_the_reasons(stand, owner, booked, spelling):
    page = text_of(owner.get(f"{HOME}/why", query_string={"q": spelling}))

    assert f"Запись № {booked['id']}" in page
    assert f"№ {stand.lead_of(booked)['id']}" in page
    assert "создана новая" in page


def test_a_lead_or_a_booking_number_leads_to_the_reasons(stand, owner, booked):
    lead = stand.lead_of(booked)

    for question in (booked["id"], lead["id"], f"№ {lead['id']}"):
        page = text_of(owner.get(f"{HOME}/why", query_string={"q": question}))
        assert f"Запись № {booked['id']}" in page
        assert "создана новая" in page


def test_a_lead_is_one_click_away(stand, owner, booked):
    lead = stand.lead_of(booked)

    page = owner.get(f"{HOME}/why", query_string={"q": lead["id"]}).text

    assert f'/leads/detail/{lead["id"]}" target="_blank" rel="noreferrer"' in page


def test_a_lead_that_is_not_ours_is_said_to_be_so(stand, owner):
    lead = stand.open_lead(EPILATION, 8100)
    stand.work()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": lead["id"]}))

    assert "Сделка не связана с записью" in page


def test_a_booking_without_a_lead_says_why(stand, owner):
    record = stand.book(LASER_LEGS, staff=WAITING_LIST)
    stand.settle()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": record["id"]}))

    assert "Сделки у этой записи нет" in page
    assert "Записи к этому сотруднику исключены" in page


@pytest.mark.parametrize("question", ["404404404", "абв", "9" * 40, "'; DROP TABLE links; --", "%", "²"])
def test_a_question_without_an_answer(owner, question):
    answer = owner.get(f"{HOME}/why", query_string={"q": question})

    assert answer.status_code == 200
    assert "Ничего не нашлось" in answer.text


@pytest.mark.parametrize("beginning", ["Мария", "мар", "МАР"])
def test_a_clients_name_leads_to_the_reasons(stand, owner, booked, beginning):
    page = text_of(owner.get(f"{HOME}/why", query_string={"q": beginning}))

    assert "Контакт «Мария»" in page
    assert f"Запись № {booked['id']}" in page
    assert "создана новая" in page


def test_all_decisions_are_told_in_the_order_they_were_made(stand, owner, booked):
    for comment in ("первый", "второй", "третий"):
        stand.edit(booked, comment=comment)
        stand.settle()
    stand.mark(booked, 2)
    stand.settle()
    stand.mark(booked, 1)
    stand.settle()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": booked["id"]}))

    places = [
        page.index(words) for words in ("Раньше: 1 решение", "создана новая", "обновлена", "другой этап")
    ]
    assert places == sorted(places)


def test_a_person_with_many_leads_is_bounded(stand, owner):
    for number in range(25):
        stand.book(LASER_LEGS, at=f"+{number + 2}")
    stand.settle()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": "Мария"}))

    assert 0 < page.count("Запись №") <= 20
