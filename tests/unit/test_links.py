"""What the key field of a lead holds: unlike for any two leads, and the booking can be told from it."""

import pytest

from backend.core.sync import links
from backend.core.sync.links import Role
from tests.support.facts import KEY, link


@pytest.mark.parametrize(
    ("share", "role", "value"),
    [
        ("", Role.MAIN, KEY),
        ("cosmetology", Role.SATELLITE, f"{KEY}#cosmetology"),
        (links.next_share("epilation"), Role.NEXT, f"{KEY}>epilation"),
    ],
)
def test_every_lead_of_a_booking_has_a_key_of_its_own(share, role, value):
    assert links.role_of(share) is role
    assert links.key_value(KEY, share) == value
    assert links.booking_of(value) == KEY


def test_a_slot_tells_the_links_of_one_booking_apart():
    assert link().slot == KEY
    assert link(share="cosmetology").slot == f"{KEY}#cosmetology"
