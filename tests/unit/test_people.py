"""The contact learns what the salon has news of, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.clients import Abonement, ClientCard, Person
from backend.core.crm import Contact
from backend.core.money import Kopecks
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Phase
from backend.core.sync import leads, people
from tests.support.facts import MARIA, NOW, RULES, booking, rules

FIELDS = {name: 500 + place for place, name in enumerate(ContactFieldName)}
FILLED = replace(RULES, contact_field_ids=FIELDS)
CONTACT = Contact(40000001, "Мария", ("+79990000001",))
CARD = ClientCard("yclients:41001:5001", "Мария", "+79990000001")
URAL = ClientCard("yclients:41002:6001", "Мария", "+79990000001")
DAY = timedelta(days=1)


def person(*cards, visits=(), **more):
    seen = {f"yclients:41001:{n}": visit for n, visit in enumerate(visits)}
    return Person(cards or (CARD,), seen, **more)


def told(who, own=FILLED):
    """Values of the fields by name."""
    names = {number: name for name, number in FIELDS.items()}
    return {names[v.field_id]: v.value for v in people.written(who, own, NOW).values()}


def update(who, contact=CONTACT, own=FILLED):
    return people.update("key", contact, who, own, NOW)


def applied(who, own=FILLED):
    return {name: leads.shown(value.value) for name, value in people.written(who, own, NOW).items()}


def test_without_chosen_fields_nothing_is_filled():
    assert people.written(person(), RULES, NOW) == {}
    assert update(person(), own=RULES) is None


def test_counters_of_all_salons_add_up():
    found = told(person(replace(CARD, visits=3, no_shows=1), replace(URAL, visits=2)))

    assert (found[ContactFieldName.VISITS], found[ContactFieldName.NO_SHOWS]) == (5, 1)


def test_parallel_masters_are_one_visit():
    visits = [(NOW - DAY, Phase.ARRIVED), (NOW - DAY, Phase.ARRIVED)]

    assert told(person(replace(CARD, visits=2), visits=visits))[ContactFieldName.VISITS] == 1


def test_what_we_saw_may_be_newer_than_the_salons_word():
    visits = [(NOW - 3 * DAY, Phase.ARRIVED), (NOW - DAY, Phase.ARRIVED)]

    assert told(person(replace(CARD, visits=1), visits=visits))[ContactFieldName.VISITS] == 2


def test_last_and_next_visit():
    visits = [
        (NOW - 3 * DAY, Phase.ARRIVED), (NOW - DAY, Phase.ARRIVED), (NOW + DAY, Phase.WAITING),
        (NOW + 3 * DAY, Phase.CONFIRMED), (NOW - 2 * DAY, Phase.WAITING),
    ]  # fmt: skip
    found = told(person(visits=visits))

    assert found[ContactFieldName.LAST_VISIT] == int((NOW - DAY).timestamp())
    assert found[ContactFieldName.NEXT_VISIT] == int((NOW + DAY).timestamp())


def test_what_no_card_has_told_is_not_written():
    assert ContactFieldName.LABELS not in told(person())
    assert ContactFieldName.ABONEMENTS not in told(person())


def test_what_the_cards_tell_is_joined():
    until = datetime(2027, 3, 12, tzinfo=UTC)
    cards = (
        replace(
            CARD, labels=("VIP",), do_not_send=False, spent=Kopecks(100_000), discount=5, loyalty_card="A-1",
            birthday="1965-05-01", abonements=(Abonement(1, "788376", "Эпиляция 10", "(x7)", until=until),),
        ),
        replace(URAL, labels=("VIP", "Аллергия"), do_not_send=True, spent=Kopecks(50_050), discount=10,
                loyalty_card="A-1", abonements=()),
    )  # fmt: skip
    found = told(person(*cards))

    assert found[ContactFieldName.LABELS] == ("VIP", "Аллергия")
    assert found[ContactFieldName.DO_NOT_SEND] == 1
    assert found[ContactFieldName.SPENT] == "1500.50"
    assert found[ContactFieldName.DISCOUNT] == 10
    assert found[ContactFieldName.CARD] == "A-1"
    assert found[ContactFieldName.BIRTHDAY] == "1965-05-01T00:00:00+03:00"
    assert found[ContactFieldName.ABONEMENTS] == "№ 788376 · Эпиляция 10 · (x7) · до 12.03.2027"


def test_the_last_abonement_used_up_clears_the_field():
    assert told(person(replace(CARD, abonements=())))[ContactFieldName.ABONEMENTS] is None


@pytest.mark.parametrize("birthday", ["", "когда-то"])
def test_a_birthday_that_is_none_stays_empty(birthday):
    assert told(person(replace(CARD, birthday=birthday)))[ContactFieldName.BIRTHDAY] is None


def test_what_was_written_is_not_written_again():
    who = person(replace(CARD, visits=3))

    assert update(replace(who, applied=applied(who))) is None


def test_only_news_are_written():
    before = person(replace(CARD, visits=3, discount=5))
    after = replace(person(replace(CARD, visits=4, discount=5)), applied=applied(before))

    command = update(after)

    assert [value.field_id for value in command.fields] == [FIELDS[ContactFieldName.VISITS]]
    assert command.applied == ((f"field:{FIELDS[ContactFieldName.VISITS]}", "4"),)


def test_a_value_that_is_gone_is_cleared():
    before = person(visits=[(NOW + DAY, Phase.WAITING)])
    after = replace(person(), applied=applied(before))

    assert [v.value for v in update(after).fields if v.field_id == FIELDS[ContactFieldName.NEXT_VISIT]] == [
        None
    ]


def test_a_new_contact_comes_with_what_is_known():
    values, remembered = people.first_fields(person(replace(CARD, discount=5)), FILLED, NOW)

    assert FIELDS[ContactFieldName.DISCOUNT] in [value.field_id for value in values]
    assert FIELDS[ContactFieldName.BIRTHDAY] not in [value.field_id for value in values]
    assert dict(remembered)[f"field:{FIELDS[ContactFieldName.DISCOUNT]}"] == "5"


@pytest.mark.parametrize(
    ("phone", "taken", "added"),
    [
        ("+79990000001", (), ()),
        ("8 999 000-00-02", (), ("+79990000002",)),
        ("8 999 000-00-02", ("+79990000002",), ()),
        ("", (), ()),
    ],
)
def test_a_phone_is_added_unless_another_contact_has_it(phone, taken, added):
    who = person(replace(CARD, phone=phone), taken=frozenset(taken))

    assert people.new_phones(CONTACT, who) == added


def test_a_phone_of_a_card_that_is_gone_is_not_added():
    assert people.new_phones(CONTACT, person(replace(CARD, phone="+79990000002", is_gone=True))) == ()


@pytest.mark.parametrize(
    ("is_master", "name", "expected"),
    [(False, "Маша", None), (True, "Маша", "Маша"), (True, "Мария", None), (True, "", None)],
)
def test_whose_spelling_of_the_name_counts(is_master, name, expected):
    own = rules(names_from_salon=is_master)
    command = update(person(replace(CARD, name=name)), own=own)

    assert (command.name if command else None) == expected


def test_a_deleted_card_is_marked_once():
    gone = person(replace(CARD, is_gone=True))
    command = update(gone, own=RULES)

    assert command.tags == (people.GONE_TAG,)
    assert update(replace(gone, applied=dict(command.applied)), own=RULES) is None


def test_a_card_merged_into_another_of_the_salon_is_not_marked():
    assert (
        update(person(replace(CARD, is_gone=True), replace(CARD, card="yclients:41001:5002")), own=RULES)
        is None
    )


def test_a_booking_tells_of_its_clients_card():
    card = people.seen_in(booking(client=replace(MARIA, visits=3, labels=("VIP",))))

    assert (card.card, card.visits, card.labels) == (MARIA.card, 3, ("VIP",))
    assert people.seen_in(booking(client=None)) is None
    assert people.seen_in(booking(client=replace(MARIA, card=""))) is None


def test_a_source_that_does_not_tell_takes_nothing_away():
    known = replace(CARD, labels=("VIP",), email="m@example.test", visits=5)
    found = people.joined(known, ClientCard(CARD.card, "Маша", visits=6))

    assert found == replace(known, name="Маша", visits=6)


def test_a_bookings_client_is_completed_from_the_card():
    found = people.enriched(MARIA, replace(CARD, labels=("Не передавать",), birthday="1990-01-01"))

    assert (found.labels, found.birthday) == (("Не передавать",), "1990-01-01")
    assert people.enriched(MARIA, None) == MARIA
