"""The first look at a card: what this person may do from it comes in the same answer."""

import pytest

from tests.support.stand import CONFIGURATION, EPILATION, LASER_ARMPITS, OLGA, STAGES, TVERSKAYA

LOST = 143
EVERYTHING = ["move", "cancel", "confirm"]  # the visit is ahead: nobody has arrived yet


@pytest.fixture
def booked(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.fixture
def lead(stand, booked):
    return stand.lead_of(booked)


@pytest.fixture
def allow(stand):
    """`allow(cancel="admins")` is what an administrator chose for the card."""

    def choose(**rights):
        chosen = ", ".join(f"{act}: {who}" for act, who in rights.items())
        stand.configure(CONFIGURATION.read_text(encoding="utf-8") + f"card: {{{chosen}}}\n")

    return choose


def test_a_first_look_says_what_can_be_done(widget, lead):
    answer = widget(f"card?lead={lead['id']}").json

    assert answer["booking"]["can"] == EVERYTHING
    assert (answer["can_create"], answer["denied"], answer["question"]) == (True, "", None)


def test_a_first_look_asks_no_vendor(stand, widget, lead):
    stand.world.yclients.journal_clear()
    before = stand.counts()

    assert widget(f"card?lead={lead['id']}").status_code == 200
    assert (stand.counts(), stand.world.yclients.journal()) == (before, [])


@pytest.mark.parametrize(
    ("who", "is_admin", "can"),
    [
        ("everyone", False, EVERYTHING),
        ("admins", False, ["move", "confirm"]),
        ("admins", True, EVERYTHING),
        ("nobody", True, ["move", "confirm"]),
    ],
)
def test_buttons_are_those_of_the_role(widget, lead, allow, who, is_admin, can):
    allow(cancel=who)

    answer = widget(f"card?lead={lead['id']}", user_id=OLGA, is_admin=is_admin)

    assert answer.json["booking"]["can"] == can


def test_who_may_not_book_is_told_so_at_once(widget, lead, allow):
    allow(create="admins")

    answer = widget(f"card?lead={lead['id']}", is_admin=False).json

    assert answer["can_create"] is False
    assert "администратор" in answer["denied"]


def test_the_past_offers_only_what_suits_it(stand, widget, booked, lead):
    stand.pass_time(3 * 24 * 3600)
    stand.mark(booked, 1)
    stand.settle()

    booking = widget(f"card?lead={lead['id']}").json["booking"]

    assert (booking["can"], booking["is_past"]) == ([], True)


def test_the_card_of_a_contact_books_nobody(stand, widget, lead):
    contact = stand.contacts()[0]

    answer = widget(f"card?contact={contact['id']}").json

    assert answer["booking"]["can"] == EVERYTHING
    assert (answer["can_create"], answer["denied"]) == (False, "")


def test_a_lead_we_have_not_seen_offers_nothing(widget):
    answer = widget("card?lead=1").json

    assert (answer["can_create"], answer["booking"], answer["others"]) == (False, None, [])


def test_a_lead_without_a_booking_can_have_one(stand, widget):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()

    assert widget(f"card?lead={lead['id']}").json["can_create"] is True


def test_a_lost_lead_asks_in_the_first_look(stand, widget, booked, lead):
    stand.move(lead, LOST)
    stand.settle()

    question = widget(f"card?lead={lead['id']}").json["question"]

    assert question["key"] == f"yclients:{TVERSKAYA}:{booked['id']}"
    assert question["sentence"].endswith("?")


def test_a_lost_lead_does_not_ask_who_may_not_cancel(stand, widget, lead, allow):
    allow(cancel="nobody")
    stand.move(lead, LOST)
    stand.settle()

    assert widget(f"card?lead={lead['id']}").json["question"] is None


def test_a_long_history_says_how_much_more_there_is(stand, widget, lead):
    for number in range(23):
        stand.book(LASER_ARMPITS, at=f"+{number + 3}")
    stand.settle()

    answer = widget(f"card?lead={lead['id']}").json
    everything = widget(f"person?lead={lead['id']}").json

    assert (len(answer["others"]), answer["more"]) == (20, 3)
    assert len(everything["bookings"]) == 24
