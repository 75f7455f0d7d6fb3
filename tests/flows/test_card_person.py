"""What a card in amoCRM shows of a person: other bookings, the nearest first, or one sentence if none."""

from backend.flows.sync import mirror as reading
from backend.flows.widget import card
from backend.store import accounts, db, mirror
from tests.support.shown_card import contact_of, person, shown
from tests.support.stand import (
    CLEANING,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    STAGES,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

__all__ = ["person", "shown"]

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
