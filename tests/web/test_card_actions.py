"""The doors of the card's panel: who may ask, what is refused and in which words, and what a press answers."""


import pytest

from tests.support.stand import (
    EPILATION,
    LASER_ARMPITS,
    STAGES,
    TVERSKAYA,
    VERA,
)

LOOKS = [
    "person?lead={lead}", "book/salons?lead={lead}", f"book/services?salon={TVERSKAYA}",
    f"book/masters?salon={TVERSKAYA}&services={LASER_ARMPITS}",
    f"book/days?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}",
    f"book/times?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}&day=2030-03-12",
]  # fmt: skip
DEEDS = ["book", "booking/move", "booking/cancel", "booking/confirm", "booking/arrive"]


@pytest.fixture
def lead(stand):
    """A lead of an advertisement that nobody has booked from yet."""
    found = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    return found


@pytest.fixture
def wish(stand, lead):
    """What the card sends when everything is chosen."""

    def make(**changes):
        given = {
            "form": "5a7f0001-0000-4000-8000-000000000001", "lead": lead["id"], "salon": TVERSKAYA,
            "services": [LASER_ARMPITS], "master": VERA, "at": stand.wall("+2")[:16], "comment": "",
        }  # fmt: skip
        return {name: value for name, value in {**given, **changes}.items() if value is not None}

    return make


def records(stand):
    return [record for record in stand.world.yclients.state()["records"] if not record["deleted"]]


def test_a_new_booking_is_answered_with_what_the_card_shows(stand, widget, wish):
    answer = widget("book", wish())

    assert answer.status_code == 201, answer.text
    booking = answer.json["booking"]
    assert (booking["salon"], booking["master"], booking["phase"]) == ("Тверская", "Вера", "waiting")
    assert booking["can"] == ["move", "cancel", "confirm"]
    assert booking["total"] == "2 500 ₽"
    assert answer.json["sentence"].startswith("Записали на ")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://amo.test"
