"""One phone in many spellings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import phones


@pytest.mark.parametrize(
    "spelling",
    [
        "+79990000001", "79990000001", "89990000001", "9990000001", "+7 (999) 000-00-01", "8 999 000 00 01",
        "8-999-000-00-01", " 8(999)0000001 ", "тел. 8 999 000 00 01",
    ],
)  # fmt: skip
def test_E2_russian_spellings_of_one_mobile(spelling):
    assert phones.normalized(spelling) == "+79990000001"


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        pytest.param("495 123-45-67", "+74951234567", id="Moscow without a country"),
        pytest.param("3431234567", "+73431234567", id="Yekaterinburg without a country"),
        pytest.param("+49 30 123456", "+4930123456", id="Berlin"),
        pytest.param("+375 29 123-45-67", "+375291234567", id="Belarus"),
        pytest.param("375291234567", "+375291234567", id="Belarus without a plus"),
        pytest.param("+1 (212) 555-0100", "+12125550100", id="New York"),
        pytest.param("+86 138 0013 8000", "+8613800138000", id="China begins with +8"),
        pytest.param("+8 613 800 1380 00", "+8613800138000", id="a plus is believed"),
        pytest.param("8 495 123-45-67", "+74951234567", id="Moscow landline"),
        pytest.param("+0000000000", "+0000000000", id="no plan knows it"),
    ],
)
def test_other_numbers(spelling, expected):
    assert phones.normalized(spelling) == expected


@pytest.mark.parametrize("text", ["", "   ", "нет", "123456", "+", "добавочный 12"])
def test_what_is_no_number(text):
    assert phones.normalized(text) is None


def test_E3_foreign_numbers_with_equal_last_digits_are_two_people():
    assert phones.key("+375 99 900 00 01") != phones.key("+7 999 000 00 01")


@pytest.mark.parametrize("text", ["+79990000001", "нет"])
def test_the_key_is_the_whole_number(text):
    assert phones.key(text) == phones.normalized(text)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(9_000_000_000, 9_999_999_999),
    st.sampled_from(["+7{}", "7{}", "8{}", "{}", "8 ({})", "+7-{}"]),
)
def test_every_russian_mobile_meets_itself_in_every_spelling(number, spelling):
    assert phones.normalized(spelling.format(number)) == f"+7{number}"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text):
    once = phones.normalized(text)

    assert once is None or phones.normalized(once) == once


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        pytest.param("8 (999) 000-00-01", "+79990000001", id="as people write it"),
        pytest.param("+375 29 123-45-67", "+375291234567", id="abroad"),
        pytest.param("", None, id="nothing"),
        pytest.param("8 999 000", None, id="half a number"),
        pytest.param("+7 999 000 00 01 2", None, id="a digit too many"),
        pytest.param("+999 000 000 000", None, id="a country that there is not"),
        pytest.param("1" * 16, None, id="longer than any number"),
    ],
)
def test_L3_a_number_that_can_be_dialled(spelling, expected):
    assert phones.dialled(spelling) == expected
