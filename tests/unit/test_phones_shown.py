"""How a number is shown to people."""

import pytest

from backend.core import phones


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+79990001122", "+7 999 000-11-22"), ("101", "101"), ("", ""), ("anonymous", "anonymous")],
)
def test_a_number_as_people_read_it(number, shown):
    assert phones.shown(number) == shown
