"""Reports of money: what is lost until it is booked again, and whether leads agree with bookings."""

from backend.store import db
from tests.admin.report_pages import CAME, ELENA, MARIA, MISSED, around, look, visit
from tests.support.stand import (
    CLEANING,
    CONFIGURATION,
    LASER_ARMPITS,
    LASER_LEGS,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

__all__ = ["visit"]

# --- lost money ---


def test_no_shows_and_cancellations_are_lost_until_booked_again(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    cancelled = visit(CLEANING, client=ELENA, at="+3")
    stand.delete(cancelled)
    stand.settle()
    before = look(owner, "lost", **around(stand))

    stand.book(LASER_LEGS, client=MARIA, at="+9")
    stand.settle()

    after = look(owner, "lost", **around(stand))
    assert "Всего 6 500 ₽ 2 случая Неявки 2 500 ₽ 1 случай Отмены 4 000 ₽ 1 случай" in before
    assert "Всего 4 000 ₽ 1 случай" in after
    assert "Елена" in after
    assert "Мария" not in after


def test_another_direction_does_not_make_it_good(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    stand.book(CLEANING, client=MARIA, at="+9")
    stand.settle()

    assert "Всего 2 500 ₽" in look(owner, "lost", **around(stand))


def test_another_salon_of_the_network_makes_it_good(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=MARIA, at="+9")
    stand.settle()

    assert "Ничего не потеряно" in look(owner, "lost", **around(stand))


def test_each_direction_of_a_visit_is_lost_by_itself(stand, owner, visit):
    visit(LASER_ARMPITS, CLEANING, mark=MISSED)

    page = look(owner, "lost", **around(stand))

    assert "Косметология 1 случай 4 000 ₽" in page
    assert "Эпиляция 1 случай 2 500 ₽" in page
    assert "Всего 4 000 ₽ 1 случай" in look(owner, "lost", direction="cosmetology", **around(stand))


# --- money ---


def test_money_agrees_to_the_ruble(stand, owner, visit):
    visit(LASER_ARMPITS, LASER_LEGS, mark=CAME)

    page = look(owner, "money", **around(stand))

    assert "Сходится до рубля" in page
    assert "По записям 7 000 ₽ По сделкам 7 000 ₽ Разница 0 ₽" in page


def test_a_budget_that_a_person_typed_is_explained(stand, owner, visit):
    lead = stand.lead_of(visit())
    stand.edit_lead(lead, price=3000)
    stand.settle()

    page = look(owner, "money", **around(stand))

    assert "Все расхождения объяснены" in page
    assert "Бюджет изменили в amoCRM 1 случай 500 ₽" in page
    assert "+500 ₽ объяснено" in page


def test_a_booking_that_may_have_no_lead_says_why(stand, owner, visit):
    visit(client=None)

    page = look(owner, "money", **around(stand))

    assert "У записи нет сделки 1 случай 2 500 ₽" in page
    assert "−2 500 ₽" in page


def test_a_salon_that_is_only_watched_is_explained(stand, owner, visit):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe", 1))
    visit()

    assert "Салон только наблюдается" in look(owner, "money", **around(stand))


def test_a_change_on_its_way_is_explained(stand, owner, visit):
    record = visit()
    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])
    stand.world.deliver()
    db.run("UPDATE booking_figures SET price = 700000, budget = 700000")

    assert "Изменение ещё обрабатывается 1 случай 4 500 ₽" in look(owner, "money", **around(stand))


def test_what_nothing_explains_is_said_first(stand, owner, visit):
    visit()
    visit(client=None, at=f"{stand.today()} 12:00:00")
    db.run("UPDATE booking_figures SET price = price + 100000, budget = budget + 100000")

    page = look(owner, "money", **around(stand))

    assert "1 запись требует проверки" in page
    assert page.index("Не объяснено, проверьте сделку") > page.index("Почему расходится")


def test_visits_that_did_not_take_place_are_no_money(stand, owner, visit):
    visit(mark=MISSED)

    assert "Записей нет" in look(owner, "money", **around(stand))
