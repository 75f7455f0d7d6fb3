"""What a card in amoCRM shows: the booking behind it, why, the person's other bookings, or one sentence."""

import dataclasses
import json

import pytest

from backend.core.salon import Phase
from backend.flows.accounts import accounts as account_flow
from backend.flows.sync import mirror as reading
from backend.flows.widget import card
from backend.store import accounts, connections, db, events, mirror
from tests.support.stand import (
    CLEANING,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    PUBLIC,
    STAGES,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)


@pytest.fixture
def shown(stand):
    """The card of a lead."""

    def of_lead(lead_id, lang="ru"):
        return card.of_lead(stand.ctx, accounts.by_id(stand.account.id), lead_id, lang)

    return of_lead


@pytest.fixture
def person(stand):
    """The card of a contact."""
    return lambda contact_id, lang="ru": card.of_contact(
        stand.ctx, accounts.by_id(stand.account.id), contact_id, lang
    )


def contact_of(stand, record):
    lead = stand.lead_of(record)
    return mirror.leads_by_ids(stand.account.id, [lead["id"]])[lead["id"]].contact_ids[0]


def test_the_booking_that_drives_the_lead(stand, shown):
    record = stand.book(LASER_ARMPITS, {"id": LASER_LEGS, "amount": 2, "cost": 4500}, comment="У окна")
    stand.settle()
    lead = stand.lead_of(record)

    answer = shown(lead["id"])

    booking = answer["booking"]
    assert answer["state"] == "linked"
    assert answer["sentence"] == f"Сделку ведёт запись на {booking['when']}."
    assert booking["number"] == str(record["id"])
    assert (booking["salon"], booking["master"]) == ("Тверская", "Вера")
    assert booking["when"].endswith(", 14:30")
    assert (booking["status"], booking["status_text"], booking["tone"]) == ("waiting", "ожидание", "")
    assert [line["title"] for line in booking["services"]] == ["Лазер: подмышки", "Лазер: голени × 2"]
    assert booking["services"][0]["sum"] == "2 500 ₽"
    assert booking["total"].endswith(" ₽")
    assert booking["comment"] == "У окна"
    assert booking["lead_id"] == lead["id"]
    assert answer["others"] == []
    assert answer["panel_url"] == f"{PUBLIC}/admin/accounts/{DOMAIN}/why?q={lead['id']}"


def test_everything_is_said_in_the_language_asked(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    answer = shown(stand.lead_of(record)["id"], "en")

    assert answer["sentence"].startswith("The booking of ")
    assert answer["booking"]["status_text"] == "waiting"
    assert "was created" in answer["why"]["sentence"]


def test_the_whole_answer_is_json_and_names_no_client(stand, shown):
    record = stand.book(LASER_ARMPITS, client=("Мария Иванова", "+79990000001"))
    stand.settle()

    text = json.dumps(shown(stand.lead_of(record)["id"]), ensure_ascii=False)

    assert "79990000001" not in text
    assert "Иванова" not in text


def test_hours_are_the_salons_own(stand, shown):
    record = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="2030-03-02 10:00:00")
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]

    assert booking["when"] == "2 марта 2030, 10:00"
    assert "main_date=2030-03-02" in booking["journal_url"]


def test_the_journal_opens_at_the_booking(stand):
    record = stand.book(LASER_ARMPITS, at="2030-03-02 10:00:00")
    stand.settle()
    settings = dataclasses.replace(stand.ctx.settings, yclients_api_url="https://api.yclients.com/api/v1")
    ctx = dataclasses.replace(stand.ctx, settings=settings)

    booking = card.of_lead(ctx, stand.account, stand.lead_of(record)["id"], "ru")["booking"]

    day = "main_date=2030-03-02"
    address = f"https://yclients.com/timetable/{TVERSKAYA}#{day}&open_modal_by_record_id={record['id']}"
    assert booking["journal_url"] == address


def test_what_is_paid_in_full_is_told(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    assert shown(stand.lead_of(record)["id"])["booking"]["paid"] == ""

    stand.world.yclients.ui_pay(TVERSKAYA, record["id"], 2500)
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]
    assert booking["paid"] == booking["total"] == "2 500 ₽"


@pytest.mark.parametrize(("attendance", "tone"), [(2, "good"), (1, "good"), (-1, "bad"), (0, "")], ids=str)
def test_a_status_has_a_tone(stand, shown, attendance, tone):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, attendance)
    stand.settle()

    assert shown(stand.linked_lead(record))["booking"]["tone"] == tone


def test_every_phase_has_a_tone():
    assert set(card.TONES) == set(Phase)


# Why


def test_why_tells_what_made_the_lead(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(stand.lead_of(record)["id"])["why"]

    assert "«Эпиляция»" in why["sentence"]
    assert "«Тверская»" in why["sentence"]
    assert why["when"]


def test_a_check_that_changed_nothing_does_not_hide_why(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = shown(stand.lead_of(record)["id"])["why"]
    stand.edit(record, color="ff0000")
    stand.settle()
    assert stand.reason(record) == "up_to_date"

    assert shown(stand.lead_of(record)["id"])["why"] == before


def test_why_outlives_the_events(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    db.run("DELETE FROM outbox_commands")
    db.run("DELETE FROM inbound_events")

    why = shown(stand.lead_of(record)["id"])["why"]

    assert "«Эпиляция» в салоне «Тверская»" in why["sentence"]
    assert "—" not in why["sentence"]


# One person, several bookings


def test_other_bookings_of_the_person_the_nearest_first(stand, shown):
    first = stand.book(LASER_ARMPITS, at="+2")
    stand.settle()
    later = stand.book(CLEANING, at="+9")
    sooner = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+4")
    stranger = stand.book(LASER_LEGS, client=("Ольга", "+79990000055"), at="+3")
    stand.settle()

    answer = shown(stand.lead_of(first)["id"])

    numbers = [other["number"] for other in answer["others"]]
    assert numbers == [str(sooner["id"]), str(later["id"])]
    assert str(stranger["id"]) not in numbers
    assert {other["salon"] for other in answer["others"]} == {"Тверская", "Урал"}
    assert all(other["lead_id"] for other in answer["others"])


def test_those_to_come_stand_before_those_that_were(stand, person):
    near = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    far = stand.book(CLEANING, at="+20")
    stand.settle()
    contact = contact_of(stand, near)
    stand.pass_time(5 * 86400)
    next_one = stand.book(CLEANING, at="+6")
    stand.settle()

    answer = person(contact)

    numbers = [answer["booking"]["number"], *(other["number"] for other in answer["others"])]
    assert numbers == [str(next_one["id"]), str(far["id"]), str(near["id"])]
    assert answer["sentence"].startswith("Ближайшая запись клиента")
    assert answer["panel_url"].endswith(f"?q={next_one['id']}")


def test_a_person_who_was_here_and_will_not_be(stand, person):
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    contact = contact_of(stand, record)
    stand.pass_time(5 * 86400)

    assert person(contact)["sentence"].startswith("Последний раз клиент был записан")


def test_no_more_than_twenty_others(stand, person, shown):
    records = [stand.book(LASER_ARMPITS, at=f"+{n}") for n in range(1, 25)]
    stand.settle()
    lead_id = stand.linked_lead(records[0])
    contact = mirror.leads_by_ids(stand.account.id, [lead_id])[lead_id].contact_ids[0]

    assert len(shown(lead_id)["others"]) == 20
    assert len(person(contact)["others"]) == 20


def test_the_twin_contact_shows_the_same_person(stand, person):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.open_lead(EPILATION, STAGES[EPILATION], client=("Маша", "+79990000001"))
    stand.work()

    twins = [contact["id"] for contact in stand.contacts()]
    assert len(twins) == 2
    assert {person(contact)["booking"]["number"] for contact in twins} == {str(record["id"])}


def test_a_lead_continued_by_another_booking_shows_the_new_one_first(stand, shown):
    first = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    lead_id = stand.linked_lead(first)
    stand.mark(first, -1)
    stand.settle()
    second = stand.book(LASER_ARMPITS, at="+3")
    stand.settle()
    assert stand.linked_lead(second) == lead_id

    answer = shown(lead_id)

    assert answer["booking"]["number"] == str(second["id"])
    assert [other["number"] for other in answer["others"]] == [str(first["id"])]


def test_a_booking_that_has_another_lead_now_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    old = stand.linked_lead(record)
    stand.world.amocrm.ui_delete(DOMAIN, user_id=7000001, lead_id=old)
    stand.work()
    stand.mark(record, 2)
    stand.settle()
    assert stand.linked_lead(record) != old

    answer = shown(old)

    assert answer["sentence"].startswith("Раньше эту сделку вела запись")
    assert answer["booking"]["lead_id"] == stand.linked_lead(record)


# Nothing to show


def test_a_lead_without_a_booking(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.work()

    answer = shown(lead["id"])

    assert (answer["state"], answer["booking"], answer["why"]) == ("unlinked", None, None)
    assert answer["sentence"] == "С этой сделкой не связана ни одна запись."


def test_a_lead_without_a_booking_of_a_person_who_has_some(stand, shown):
    record = stand.book(CLEANING)
    stand.settle()
    lead = stand.open_lead(EPILATION, STAGES[EPILATION], client=("Мария", "+79990000001"))
    stand.work()
    reading.refresh(stand.account.id, reading.LEADS, stand.ctx.amo(stand.account.id))

    answer = shown(lead["id"])

    assert (answer["state"], answer["booking"]) == ("unlinked", None)
    assert [other["number"] for other in answer["others"]] == [str(record["id"])]


def test_a_lead_that_we_have_never_seen(stand, shown):
    answer = shown(999_999_999)

    assert (answer["state"], answer["others"]) == ("unlinked", [])
    assert answer["sentence"].startswith("Этой сделки мы ещё не видели")


def test_a_lead_that_was_deleted(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.work()
    stand.world.amocrm.ui_delete(DOMAIN, user_id=7000001, lead_id=lead["id"])
    stand.work()

    assert shown(lead["id"])["sentence"] == "Эта сделка удалена в amoCRM."


def test_a_contact_without_bookings_and_an_unknown_one(stand, person):
    stand.open_lead(EPILATION, STAGES[EPILATION], client=("Нина", "+79990000777"))
    stand.work()
    known = stand.contacts()[-1]["id"]

    assert person(999_999_999)["sentence"].startswith("Этого контакта мы ещё не видели")
    assert person(999_999_999)["booking"] is None
    assert person(known)["state"] == "unlinked"


def test_before_amocrm_is_read_nothing_is_known(stand, shown, person):
    db.run("UPDATE sync_marks SET is_complete = false")

    for answer in (shown(1), person(1)):
        assert answer["state"] == "unknown"
        assert answer["sentence"].startswith("Мостик ещё читает")


# Another account


def test_another_accounts_lead_is_as_good_as_none(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead_id, contact_id = stand.lead_of(record)["id"], contact_of(stand, record)
    other = accounts.install(
        stand.now(), domain="roza.amocrm.ru", crm_id=30000002, name="Роза", timezone="Europe/Moscow",
        user_id=1, tokens=accounts.Tokens("a", "r", stand.now()),
    )  # fmt: skip

    by_lead = card.of_lead(stand.ctx, other, lead_id, "ru")
    by_contact = card.of_contact(stand.ctx, other, contact_id, "ru")

    for answer in (by_lead, by_contact):
        assert (answer["booking"], answer["others"], answer["why"]) == (None, [], None)
        assert answer["state"] in ("unlinked", "unknown")
        assert DOMAIN not in answer["panel_url"]


# What is wrong comes first


def test_a_paused_account_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    account_flow.pause(stand.ctx, stand.account.id)

    answer = shown(stand.lead_of(record)["id"])

    assert answer["state"] == "linked"
    assert answer["sentence"].startswith("Работа приостановлена")


def test_a_paused_salon_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    connections.pause(stand.account.id, TVERSKAYA, "yclients.unauthorized")

    assert shown(stand.lead_of(record)["id"])["sentence"].startswith("Салон «Тверская» приостановлен")


def test_a_change_on_its_way_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, -1)
    stand.work()

    assert shown(stand.lead_of(record)["id"])["sentence"].startswith("Изменение в записи принято")


def test_a_change_that_was_refused_says_why(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    key = f"yclients:{TVERSKAYA}:{record['id']}"
    newest = events.of_subject(stand.account.id, key, 1)[0]
    db.run("UPDATE inbound_events SET status = 'failed', error = 'KeyError 1' WHERE id = %s", (newest.id,))

    sentence = shown(stand.lead_of(record)["id"])["sentence"]

    assert sentence.startswith(
        "Последнее изменение записи не попало в сделку: При обработке случилась ошибка"
    )
    assert "KeyError" not in sentence


def test_a_link_whose_booking_is_not_stored_still_has_a_number(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead_id = stand.lead_of(record)["id"]
    db.run("DELETE FROM bookings")

    answer = shown(lead_id)

    assert answer["state"] == "linked"
    assert answer["sentence"].startswith(f"Сделку ведёт запись № {record['id']}")
    assert answer["booking"]["salon"] == "Тверская"
    assert answer["booking"]["services"] == []


def test_a_salon_switched_off_is_still_named(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    connections.set_mode(stand.account.id, TVERSKAYA, "off")

    assert shown(stand.lead_of(record)["id"])["booking"]["salon"] == "Тверская"


# Why, unfolded


def part(why, title):
    """Lines of a fold, as label → text and what was before."""
    found = next((part["lines"] for part in why["parts"] if part["title"] == title), [])
    return {line.get("label") or line["text"]: (line.get("before", ""), line["text"]) for line in found}


def test_why_unfolds_into_what_was_known_and_by_which_rule(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(stand.lead_of(record)["id"])["why"]

    known, rule = part(why, "Что было известно"), part(why, "По какому правилу")
    assert known["Статус"][1] == "ожидание"
    assert known["Сумма"][1] == "2 500 ₽"
    assert (rule["Салон"][1], rule["Направление"][1], rule["Воронка"][1]) == (
        "Тверская", "Эпиляция", "Эпиляция",
    )  # fmt: skip
    assert rule["Этап, когда «ожидание»"][1] == "Записан"


def test_why_names_the_leads_that_came_into_question(stand, shown):
    other = stand.open_lead(EPILATION, STAGES[EPILATION] + 9)
    chosen = stand.open_lead(EPILATION, STAGES[EPILATION], client=other["_embedded"]["contacts"][0]["id"])
    stand.settle()
    stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(chosen["id"])["why"]

    (lines,) = [part["lines"] for part in why["parts"] if part["title"] == "Какие сделки рассматривались"]
    assert [line["lead_id"] for line in lines] == [chosen["id"], other["id"]]
    assert lines[0]["hint"] == "выбрана: ни салон, ни направление не указаны"
    assert lines[1]["hint"].startswith("не тот этап")


def test_why_tells_values_before_and_after(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    stand.book(LASER_ARMPITS)
    stand.settle()

    changes = part(shown(lead["id"])["why"], "Что изменилось")

    assert changes["Этап"] == ("Новая заявка", "Записан")
    assert changes["Сумма"] == ("0 ₽", "2 500 ₽")


def test_why_keeps_the_leads_in_question_after_later_changes(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, 2)
    stand.settle()

    why = shown(lead["id"])["why"]

    assert part(why, "Что изменилось")["Этап"] == ("Записан", "Подтвердил")
    assert f"№ {lead['id']}" in part(why, "Какие сделки рассматривались")


def test_a_booking_can_be_told_apart_and_moved(stand, shown):
    record = stand.book(LASER_ARMPITS, {"id": LASER_LEGS, "amount": 2, "cost": 4500})
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]

    assert booking["key"] == f"yclients:{TVERSKAYA}:{record['id']}"
    assert (booking["salon_id"], booking["master_id"]) == (TVERSKAYA, 81)
    assert booking["service_ids"] == [LASER_ARMPITS, LASER_LEGS]
    assert booking["is_past"] is False


def test_what_was_and_what_was_cancelled_is_past(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    stand.delete(record)
    stand.settle()

    assert shown(lead["id"])["booking"]["is_past"] is True
