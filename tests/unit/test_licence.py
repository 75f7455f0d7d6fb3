"""What a salon's licence says, in the forms it comes in."""

from datetime import date

import pytest

from backend.integrations.yclients.licence import Licence, licence

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"active": 1, "deactivation_date": "08.11.2026"}, Licence(True, date(2026, 11, 8))),
        ({"active": "1", "deactivation_date": "2026-11-08 00:00:00"}, Licence(True, date(2026, 11, 8))),
        ({"active": 0, "deactivation_date": None}, Licence(False)),
        ({"deactivation_date": "скоро"}, Licence(True)),
        ({}, Licence(True)),
    ],
)
def test_licence_is_read_loosely(data, expected):
    assert licence(data) == expected


@pytest.mark.parametrize(
    ("found", "is_over"),
    [
        (Licence(True, TODAY), False),
        (Licence(True, date(2026, 3, 9)), True),
        (Licence(False, date(2030, 1, 1)), True),
        (Licence(True), False),
    ],
)
def test_last_day_paid_for_is_still_paid(found, is_over):
    assert found.is_over(TODAY) is is_over
