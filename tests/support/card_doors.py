"""What the card's panel asks its doors with: a lead, a booking, a form filled in."""

import pytest

from tests.support.stand import EPILATION, LASER_ARMPITS, STAGES, TVERSKAYA, VERA

FORM = "5a7f0001-0000-4000-8000-000000000001"
CHOSEN = f"salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}"


@pytest.fixture
def lead(stand):
    """A lead of an advertisement that nobody has booked from yet."""
    found = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    return found


@pytest.fixture
def wish(stand, lead):
    """What the card sends when everything is chosen; None leaves a part out."""

    def make(**changes):
        given = {
            "form": FORM, "lead": lead["id"], "salon": TVERSKAYA, "services": [LASER_ARMPITS], "master": VERA,
            "at": stand.wall("+2")[:16], "comment": "",
        }  # fmt: skip
        return {name: value for name, value in {**given, **changes}.items() if value is not None}

    return make


@pytest.fixture
def booked(stand):
    """A booking, as (lead id, key)."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return stand.lead_of(record)["id"], f"yclients:{TVERSKAYA}:{record['id']}"


def records(stand):
    return [record for record in stand.world.yclients.state()["records"] if not record["deleted"]]
