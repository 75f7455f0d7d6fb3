"""I. What people do in amoCRM by hand is not overwritten."""

import pytest

from tests.support.stand import (
    ANNA,
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    OLGA,
    PETR,
    UNMAPPED,
)

NEW, BOOKED, CONFIRMED, TO_BE_MOVED, COMPLAINT = 8100, 8101, 8102, 8105, 8109
WON, LOST = 142, 143
WAITING, CAME, CONFIRMED_VISIT, MISSED = 0, 1, 2, -1
MARIA, OLESYA = ("Мария", "+79990000001"), ("Олеся", "+79990000077")


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.mark.parametrize("stage", [COMPLAINT, CONFIRMED, NEW])
def test_I1_edit_after_a_manual_move_changes_fields_and_no_stage(stand, booked, stage):
    stand.move(stand.lead_of(booked), stage)
    stand.edit(booked, comment="Просила другой кабинет", staff_id=82)

    stand.settle()

    lead = stand.lead_of(booked)
    assert lead["status_id"] == stage
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Просила другой кабинет"]
    assert stand.value(lead, "MOSTIK_MASTER") == ["Инна"]


def test_I1_edit_keeps_the_name_and_the_responsible_that_a_manager_chose(stand, booked):
    stand.edit_lead(stand.lead_of(booked), name="Мария, важная", responsible_user_id=OLGA)
    stand.edit(booked, datetime=stand.wall("+4"))

    stand.settle()

    lead = stand.lead_of(booked)
    assert (lead["name"], lead["responsible_user_id"]) == ("Мария, важная", OLGA)
    assert len(stand.leads()) == 1


def test_I1_field_that_a_manager_corrected_survives_other_edits(stand, booked, field_id):
    stand.edit_lead(stand.lead_of(booked), fields={field_id("MOSTIK_MASTER"): "Вера Павловна"})
    stand.edit(booked, comment="Придёт позже")

    stand.settle()

    lead = stand.lead_of(booked)
    assert stand.value(lead, "MOSTIK_MASTER") == ["Вера Павловна"]
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Придёт позже"]


@pytest.fixture
def tasks(stand):
    """Texts of the tasks that stand at a lead."""
    return lambda lead: [task["text"] for task in stand.crm()["tasks"] if task["entity_id"] == lead["id"]]


# I2, I3: closed and reopened by a person


@pytest.fixture
def closed_by_hand(stand, booked):
    stand.move(stand.lead_of(booked), LOST)
    stand.work()
    return booked


def test_I2_lead_that_a_person_closed_stays_closed_while_the_booking_lives(stand, closed_by_hand):
    stand.mark(closed_by_hand, CONFIRMED_VISIT)
    stand.settle()
    stand.edit(closed_by_hand, comment="Всё ещё придёт")

    stand.settle()

    assert stand.lead_of(closed_by_hand)["status_id"] == LOST
    assert len(stand.leads()) == 1


def test_I2_note_and_task_tell_that_the_booking_is_active(stand, closed_by_hand, tasks):
    before = len(stand.notes(stand.lead_of(closed_by_hand)))
    stand.mark(closed_by_hand, CONFIRMED_VISIT)

    stand.settle()

    lead = stand.lead_of(closed_by_hand)
    assert len(stand.notes(lead)) == before + 1
    assert len(tasks(lead)) == 1


def test_I2_nobody_is_told_twice_of_the_same(stand, closed_by_hand, tasks):
    stand.mark(closed_by_hand, CONFIRMED_VISIT)
    stand.settle()
    told = len(stand.notes(stand.lead_of(closed_by_hand)))
    stand.edit(closed_by_hand, staff_id=82)

    stand.settle()

    lead = stand.lead_of(closed_by_hand)
    assert (len(stand.notes(lead)), len(tasks(lead))) == (told, 1)


def test_I2_visit_that_took_place_leaves_the_closed_lead_closed_and_asks_nobody(stand, closed_by_hand, tasks):
    stand.world.clock.advance(3 * 86400)
    stand.mark(closed_by_hand, CAME)

    stand.settle()

    lead = stand.lead_of(closed_by_hand)
    assert (lead["status_id"], tasks(lead)) == (LOST, [])


def test_I3_lead_that_a_person_reopened_is_moved_by_the_next_status(stand, closed_by_hand):
    stand.move(stand.lead_of(closed_by_hand), BOOKED)
    stand.work()
    stand.mark(closed_by_hand, CONFIRMED_VISIT)

    stand.settle()

    assert stand.lead_of(closed_by_hand)["status_id"] == CONFIRMED


def test_I3_reopened_lead_is_won_by_the_visit(stand, closed_by_hand):
    stand.move(stand.lead_of(closed_by_hand), TO_BE_MOVED)
    stand.work()
    stand.mark(closed_by_hand, CAME)

    stand.settle()

    assert stand.lead_of(closed_by_hand)["status_id"] == WON
    assert len(stand.leads()) == 1


# I4: another pipeline


@pytest.mark.parametrize(
    ("attendance", "stage"),
    [(CONFIRMED_VISIT, 8202), (MISSED, 8205), (CAME, WON)],
    ids=["confirmed", "missed", "came"],
)
def test_I4_mapping_of_the_pipeline_where_the_lead_stands_applies(stand, booked, attendance, stage):
    stand.move(stand.lead_of(booked), 8201, COSMETOLOGY)
    stand.work()
    stand.mark(booked, attendance)

    stand.settle()

    lead = stand.lead_of(booked)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, stage)


def test_I4_edits_leave_the_lead_in_its_new_pipeline(stand, booked):
    stand.move(stand.lead_of(booked), 8201, COSMETOLOGY)
    stand.work()
    stand.edit(booked, comment="Перенесли вручную")

    stand.settle()

    lead = stand.lead_of(booked)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, 8201)
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Перенесли вручную"]


# I5: another contact


@pytest.fixture
def given_away(stand, booked):
    """The booking's lead belongs to another person's contact now."""
    olesya = stand.world.amocrm.ui_contact(DOMAIN, OLGA, "Олеся", [OLESYA[1]])
    stand.world.amocrm.ui_link_contact(DOMAIN, OLGA, stand.lead_of(booked)["id"], olesya["id"])
    stand.work()
    return booked, olesya["id"]


def test_I5_lead_keeps_the_contact_that_a_manager_gave_it(stand, given_away):
    booked, olesya = given_away
    stand.mark(booked, CONFIRMED_VISIT)

    stand.settle()

    lead = stand.lead_of(booked)
    assert [contact["id"] for contact in lead["_embedded"]["contacts"]] == [olesya]
    assert lead["status_id"] == CONFIRMED
    assert len(stand.leads()) == 1


def test_I5_the_other_person_goes_on_with_the_lead(stand, given_away):
    booked, _ = given_away
    lead = stand.lead_of(booked)
    stand.mark(booked, MISSED)
    stand.settle()
    again = stand.book(LASER_ARMPITS, client=OLESYA, at="+5")

    stand.settle()

    assert stand.lead_of(again)["id"] == lead["id"]
    assert len(stand.leads()) == 1


def test_I5_the_first_person_gets_a_lead_of_their_own(stand, given_away):
    booked, _ = given_away
    stand.mark(booked, MISSED)
    stand.settle()
    again = stand.book(LASER_ARMPITS, client=MARIA, at="+5")

    stand.settle()

    assert stand.lead_of(again)["id"] != stand.lead_of(booked)["id"]
    assert len(stand.leads()) == 2


# I6: deleted in amoCRM


def test_I6_future_booking_of_a_deleted_lead_gets_a_new_one_on_its_next_event(stand, booked):
    gone = stand.lead_of(booked)
    stand.world.amocrm.ui_delete(DOMAIN, OLGA, gone["id"])
    stand.work()
    untouched = len(stand.leads())
    stand.mark(booked, CONFIRMED_VISIT)

    stand.settle()

    lead = stand.lead_of(booked)
    assert untouched == 0
    assert (lead["id"] != gone["id"], lead["status_id"]) == (True, CONFIRMED)


def test_I6_past_booking_of_a_deleted_lead_gets_nothing(stand, booked):
    stand.world.clock.advance(3 * 86400)
    stand.world.amocrm.ui_delete(DOMAIN, OLGA, stand.lead_of(booked)["id"])
    stand.work()
    stand.mark(booked, CAME)

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(booked) == "lead_lost"


# I7: made by hand first


def test_I7_booking_continues_the_lead_that_a_manager_has_just_made(stand, field_id):
    place = {field_id("MOSTIK_SALON"): "Тверская", field_id("MOSTIK_DIRECTION"): ["Эпиляция"]}
    by_hand = stand.open_lead(EPILATION, NEW, client=MARIA, user=OLGA, fields=place)
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["id"], lead["status_id"], lead["price"]) == (by_hand["id"], BOOKED, 2500)
    assert lead["responsible_user_id"] == OLGA
    assert len(stand.leads()) == 1


def test_I7_lead_that_is_made_while_the_booking_settles_is_continued_too(stand):
    record = stand.book(LASER_ARMPITS, client=MARIA)
    stand.work()
    by_hand = stand.open_lead(EPILATION, NEW, client=MARIA, user=OLGA)

    stand.settle()

    assert stand.lead_of(record)["id"] == by_hand["id"]
    assert len(stand.leads()) == 1


# I8: the hidden key


def test_I8_cleared_key_is_written_again_and_the_link_holds(stand, booked, field_id):
    lead = stand.lead_of(booked)
    stand.edit_lead(lead, fields={field_id("MOSTIK_KEY"): None})
    stand.work()
    cleared = stand.leads_of(booked)
    stand.mark(booked, CONFIRMED_VISIT)

    stand.settle()

    assert cleared == []
    assert stand.lead_of(booked)["id"] == lead["id"]
    assert len(stand.leads()) == 1


def test_I8_key_comes_back_although_nothing_else_has_changed(stand, booked, field_id):
    stand.edit_lead(stand.lead_of(booked), fields={field_id("MOSTIK_KEY"): None})
    stand.work()
    stand.edit(booked, online=True)

    stand.settle()

    assert len(stand.leads_of(booked)) == 1


# I10: mass import


def test_I10_imported_leads_in_stages_that_take_nothing_are_left_alone(stand):
    old = [
        stand.open_lead(EPILATION, COMPLAINT, client=(f"Клиент {n}", f"+7999000010{n}"), user=PETR)
        for n in range(4)
    ]
    records = [
        stand.book(LASER_ARMPITS, client=(f"Клиент {n}", f"+7999000010{n}"), at=f"+{n + 1}") for n in range(4)
    ]

    stand.settle()

    assert not {stand.lead_of(record)["id"] for record in records} & {lead["id"] for lead in old}
    assert [lead["status_id"] for lead in stand.leads() if lead["id"] in {o["id"] for o in old}] == [
        COMPLAINT
    ] * 4
    assert len(stand.contacts()) == 4


def test_I10_closed_history_is_not_continued(stand):
    lead = stand.open_lead(EPILATION, NEW, client=MARIA)
    stand.move(lead, WON)
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    assert stand.lead_of(record)["id"] != lead["id"]
    assert len(stand.contacts()) == 1


# I11: somebody left


def test_I11_default_responsible_takes_the_place_of_one_who_left(stand, alarm_codes):
    stand.world.amocrm.ui_dismiss(DOMAIN, OLGA, ANNA, is_removed=True)
    record = stand.book(CLEANING, client=MARIA)

    stand.settle()

    assert stand.lead_of(record)["responsible_user_id"] == ANNA
    assert [code for code in alarm_codes() if "responsible" in code]


def test_I11_other_bookings_do_not_wait_for_it(stand):
    stand.world.amocrm.ui_dismiss(DOMAIN, OLGA, ANNA, is_removed=True)
    first = stand.book(CLEANING, client=MARIA)
    second = stand.book(UNMAPPED, client=OLESYA, at="+3")

    stand.settle()

    assert stand.lead_of(first)["pipeline_id"] == COSMETOLOGY
    assert stand.lead_of(second)["status_id"] == 8301


# I12: a bot of the account


def test_I12_stage_that_a_robot_chose_stays(stand, booked):
    lead = stand.lead_of(booked)
    stand.world.amocrm.ui_salesbot(DOMAIN, lead["id"], NEW, delay=1)
    stand.pass_time(2)
    stand.edit(booked, comment="Просит перезвонить")

    stand.settle()

    assert stand.lead_of(booked)["status_id"] == NEW
    assert stand.value(stand.lead_of(booked), "MOSTIK_COMMENT") == ["Просит перезвонить"]


def test_I12_robot_that_breaks_the_mapping_once_raises_no_alarm(stand, booked, alarm_codes):
    stand.world.amocrm.ui_salesbot(DOMAIN, stand.lead_of(booked)["id"], NEW, delay=1)

    stand.pass_time(2)
    stand.settle()

    assert alarm_codes() == []


def test_I12_robot_that_breaks_the_mapping_twice_is_told_to_a_person(stand, booked, alarm_codes):
    for attendance in (CONFIRMED_VISIT, WAITING, CONFIRMED_VISIT):
        stand.mark(booked, attendance)
        stand.settle()
        stand.world.amocrm.ui_salesbot(DOMAIN, stand.lead_of(booked)["id"], NEW, delay=1)
        stand.pass_time(2)

    stand.settle()

    assert stand.lead_of(booked)["status_id"] == NEW
    assert len(alarm_codes()) == 1
