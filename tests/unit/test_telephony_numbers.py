"""Numbers of clients, what may be dialled, and lists of internal numbers."""

import pytest

from backend.core.errors import InvalidInput
from backend.core.telephony import lists, numbers
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Dialling, NumberFormat, Person, TelephonyRules
from tests.support import make

PEOPLE = (Person(1, "101"), Person(2, "102", phones=("anna-sip",)))
RULES = TelephonyRules(people=PEOPLE)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("89990001122", "+79990001122"),
        ("79990001122", "+79990001122"),
        ("+7 (999) 000-11-22", "+79990001122"),
        ("9990001122", "+79990001122"),
        ("4951234567", "+74951234567"),
        ("8 999 000 11 22 доб. 12", "+79990001122"),
        ("79990001122,,12", "+79990001122"),
        ("0049301234567", "+49301234567"),
        ("+81312345678", "+81312345678"),
        ("998901234567", "+998901234567"),
        ("Anonymous", ""),
        ("<unknown>", ""),
        ("unavailable", ""),
        ("s", ""),
        ("", ""),
        ("101", ""),
        ("12345", ""),
        ("1" * 16, ""),
        ("звонок", ""),
        ("sip:79990001122@host", ""),
    ],
)
def test_a_clients_number_has_one_spelling(raw, number):
    assert numbers.client(raw) == number


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("+7 999 000-11-22", "+79990001122"),
        ("8 (999) 000 11 22", "+79990001122"),
        ("101", "101"),
        ("７９９９０００１１２２", "+79990001122"),
    ],
)
def test_what_a_click_dials(text, dialled):
    assert numbers.to_dial(text, RULES) == dialled


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "dial.empty"),
        ("доб. 12", "dial.empty"),
        ("звонок", "dial.letters"),
        ("7999000*1122", "dial.letters"),
        ("79990001122;x", "dial.letters"),
        ("79990001122\r\n", "dial.letters"),
        ("1" * 33, "dial.too_long"),
        ("102030", "dial.short"),
        ("103", "dial.emergency"),
        ("112", "dial.emergency"),
        ("1" * 20, "dial.not_number"),
        ("8-809-500-00-00", "dial.premium"),
        ("+979 1234 56789", "dial.premium"),
        ("+49 30 123456", "dial.foreign"),
        ("+7 701 123 45 67", "dial.foreign"),
    ],
)
def test_what_a_click_never_dials(text, code):
    with pytest.raises(InvalidInput) as raised:
        numbers.to_dial(text, RULES)
    assert raised.value.code == code


def test_other_countries_and_short_numbers_are_called_when_they_are_allowed():
    rules = TelephonyRules(dialling=Dialling(countries=("7", "77", "49"), short_numbers=("200",)))

    assert numbers.to_dial("+7 701 123 45 67", rules) == "+77011234567"
    assert numbers.to_dial("+49 30 123456", rules) == "+4930123456"
    assert numbers.to_dial("200", rules) == "200"
    assert numbers.to_dial("+49 30 123456", TelephonyRules(dialling=Dialling(countries=()))) == "+4930123456"


def test_a_format_that_makes_no_number_is_refused():
    rules = TelephonyRules(dialling=Dialling(formats=(NumberFormat("7.", "0" * 12 + "{rest}"),)))

    with pytest.raises(InvalidInput) as raised:
        numbers.to_dial("79990001122", rules)
    assert raised.value.code == "dial.format"


@pytest.mark.parametrize(
    ("formats", "shown"),
    [
        ((), "+79990001122"),
        ((NumberFormat("7XXXXXXXXXX", "8{rest}"),), "89990001122"),
        ((NumberFormat("7.", "{number}"),), "79990001122"),
        ((NumberFormat("49.", "00{number}"), NumberFormat("7999.", "9{rest}")), "90001122"),
        ((NumberFormat("7XXX", "8{rest}"),), "+79990001122"),
        ((NumberFormat("no", "8{rest}"),), "+79990001122"),
    ],
)
def test_the_first_format_that_fits_wins(formats, shown):
    assert numbers.formatted("+79990001122", formats) == shown


def test_a_hidden_number_has_no_format():
    assert numbers.formatted("", (NumberFormat("X", "{number}"),)) == ""


@pytest.mark.parametrize("pattern", ["7XXXXXXXXXX", "7.", ".", "X", "49XX.", "7495XXXXXXX", "7X9X"])
def test_patterns(pattern):
    assert numbers.is_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "x", "7 9", "7..", ".7", "+7X"])
def test_what_is_no_pattern(pattern):
    assert not numbers.is_pattern(pattern)
    assert not numbers.fits(pattern, "79990001122")


def test_results_of_formats():
    assert numbers.is_result("8{rest}")
    assert numbers.is_result("+{number}")
    assert not numbers.is_result("8")
    assert not numbers.is_result("${rest}")


@pytest.mark.parametrize(
    ("entry", "phone", "is_covered"),
    [
        ("101", "101", True),
        ("101", "1010", False),
        ("100-199", "150", True),
        ("100-199", "200", False),
        ("100-199", "1500", False),
        ("100-199", "anna", False),
        ("1XX", "101", True),
        ("1XX", "201", False),
        ("1.", "12345", True),
        ("XXX", "anna", False),
        ("anna-sip", "anna-sip", True),
        ("2-X", "2-X", True),
    ],
)
def test_what_a_list_covers(entry, phone, is_covered):
    assert lists.covers(entry, phone) is is_covered


@pytest.mark.parametrize("entry", ["101", "100-199", "1XX", "1X.", "1.", "anna-sip"])
def test_entries_of_a_list(entry):
    assert lists.is_entry(entry)


@pytest.mark.parametrize("entry", ["", "199-100", "99-100", "a b", "101;102"])
def test_what_no_list_can_hold(entry):
    assert not lists.is_entry(entry)


def test_a_phone_is_known_by_its_name_and_by_its_short_number():
    rules = TelephonyRules(people=PEOPLE, black=("102",))

    assert lists.is_left_out("anna-sip", rules)
    assert not lists.is_left_out("101", rules)
    assert lists.is_left_out("103", TelephonyRules(white=("101", "102")))
    assert not lists.is_left_out("anna-sip", TelephonyRules(people=PEOPLE, white=("101", "102")))


def test_a_call_is_left_out_when_everybody_in_it_is():
    rules = TelephonyRules(people=PEOPLE, black=("101",))

    assert lists.leaves_out(make.call(talks=["101"]), rules)
    assert not lists.leaves_out(make.call(talks=["101", "102"]), rules)
    assert not lists.leaves_out(make.call(), rules)
    assert lists.leaves_out(make.call(Way.OUT, operator="101"), rules)
