"""L1. A booking made from the card of a lead: it stands in the journal, and the lead is linked at once."""

from tests.support.from_card import BOOKED, FRESH, booked, card, journal, lead
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    VERA,
    WAITING_LIST,
)

__all__ = ["booked", "card", "lead"]


def test_L1_a_booking_from_the_card_stands_in_the_journal(stand, card, lead):
    answer = card.book(lead, LASER_ARMPITS, LASER_LEGS, comment="Звонила в обед")

    (record,) = journal(stand)
    assert answer.status_code == 201
    assert [line["id"] for line in record["services"]] == [LASER_ARMPITS, LASER_LEGS]
    assert (record["staff_id"], record["date"][:16]) == (VERA, stand.wall("+2")[:16])
    assert (record["comment"], record["seance_length"], record["attendance"]) == ("Звонила в обед", 7200, 0)
    assert record["api_id"].startswith("mostik-")


def test_L1_the_lead_of_the_card_is_linked_at_once(stand, card, lead):
    card.book(lead)

    stand.work()  # no time passes: nothing waits for a settle time

    (record,) = journal(stand)
    linked = stand.lead_of(record)
    assert (linked["id"], linked["status_id"], linked["price"]) == (lead["id"], BOOKED, 2500)
    assert len(stand.leads()) == 1


def test_L1_the_lead_of_the_card_wins_over_its_equals(stand, card):
    older = stand.open_lead(EPILATION, FRESH)
    contact = older["_embedded"]["contacts"][0]["id"]
    stand.pass_time(60)
    newer = stand.open_lead(EPILATION, FRESH, client=contact)
    stand.settle()

    card.book(older)
    stand.settle()

    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == older["id"]
    assert stand.value(next(one for one in stand.leads() if one["id"] == newer["id"]), "MOSTIK_KEY") == []


def test_L1_a_lead_of_another_direction_is_left_alone(stand, card, lead):
    card.book(lead, CLEANING, master=INNA)

    stand.settle()

    (record,) = journal(stand)
    linked = stand.lead_of(record)
    assert linked["id"] != lead["id"]
    assert linked["pipeline_id"] == COSMETOLOGY


def test_L1_a_lead_with_a_booking_ahead_keeps_it(stand, card, booked):
    before = stand.lead_of(booked)

    card.book(before, at="+9")
    stand.settle()

    assert stand.lead_of(booked)["id"] == before["id"]
    new = next(one for one in journal(stand) if one["id"] != booked["id"])
    assert stand.lead_of(new)["id"] != before["id"]


def test_L1_the_hook_of_our_own_booking_changes_nothing(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    card.book(lead)
    stand.work()
    (record,) = journal(stand)
    notes = stand.notes(lead)

    stand.settle()

    assert stand.notes(lead) == notes
    assert len(stand.leads()) == 1
    assert stand.reason(record) == "own_echo"


def test_L1_a_hook_that_is_quicker_than_we_holds_nothing_up(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=0)
    card.book(lead)

    stand.work()

    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]


def test_L1_a_booking_whose_answer_was_lost_is_linked_all_the_same(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    stand.world.yclients.faults("500", match="GET /api/v1/records", next=1)
    stand.world.yclients.faults("reset_after_commit", match="POST /api/v1/records", next=1)
    answer = card.book(lead)

    stand.settle()

    assert answer.json["code"] == "card.uncertain"
    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]


def test_L1_free_times_leave_out_what_is_taken(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))

    found = card.look(f"book/times?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}&day={day}").json[
        "times"
    ]

    assert found[0] == "09:00"
    assert found[-1] == "20:00"  # an hour before the salon closes
    assert not {"13:45", "14:00", "14:15", "14:30", "15:15"}.intersection(found)
    assert {"13:30", "15:30"}.issubset(found)


def test_L1_masters_and_services_are_those_of_the_salon(card, lead):
    salons = card.look(f"book/salons?lead={lead['id']}").json
    services = card.look(f"book/services?salon={URAL}").json
    masters = card.look(f"book/masters?salon={TVERSKAYA}&services={LASER_ARMPITS}").json

    assert [one["title"] for one in salons["salons"]] == ["Тверская", "Урал"]
    assert services["categories"] == [
        {
            "title": "Эпиляция",
            "services": [
                {
                    "id": URAL_LASER,
                    "title": "Лазер: подмышки",
                    "price": "2 200 ₽",
                    "rubles": 2200,
                    "minutes": 60,
                }
            ],
        }
    ]
    assert [one["name"] for one in masters["masters"]] == ["Вера", "Инна"]  # the waiting list is no person


def test_L1_the_salon_of_the_last_visit_is_offered_first(stand, card):
    record = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER)
    stand.settle()

    assert card.look(f"book/salons?lead={stand.lead_of(record)['id']}").json["chosen"] == URAL


def test_L1_the_history_shows_all_salons(stand, card):
    here = stand.book(LASER_ARMPITS, at="+2")
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+5")
    stand.settle()

    found = card.person(stand.lead_of(here))

    assert [one["key"] for one in found["bookings"]] == [
        f"yclients:{URAL}:{there['id']}",
        f"yclients:{TVERSKAYA}:{here['id']}",
    ]
    assert found["person"]["phone"] == "+79990000001"
    assert found["linked_lead"] == stand.lead_of(here)["id"]
    assert f"/timetable/{TVERSKAYA}" in found["journal_url"]
    assert found["can_create"] is True


def test_L1_the_history_shows_bookings_without_a_lead_too(stand, card, booked):
    skipped = stand.book(LASER_ARMPITS, staff=WAITING_LIST, at="+6")
    stand.settle()

    found = card.person(stand.lead_of(booked))["bookings"]

    assert [one["key"] for one in found] == [
        f"yclients:{TVERSKAYA}:{skipped['id']}",
        f"yclients:{TVERSKAYA}:{booked['id']}",
    ]
    assert [one["lead_id"] for one in found] == [None, stand.lead_of(booked)["id"]]


def test_L1_days_without_a_free_hour_are_not_offered(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 09:00:00", client=("Ольга", "+79990000005"), seance_length=12 * 3600)

    found = card.look(f"book/days?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}").json["days"]

    assert day not in found
    assert {stand.wall("+1")[:10], stand.wall("+3")[:10]}.issubset(found)
    assert len(found) >= 58
