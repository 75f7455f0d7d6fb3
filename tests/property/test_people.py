"""Whatever the salons tell of a person: written once, nothing is left to write."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.clients import ClientCard, Person
from backend.core.crm import Contact
from backend.core.money import Kopecks
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Phase
from backend.core.sync import people
from tests.support.facts import NOW, RULES

FILLED = replace(RULES, contact_field_ids={name: 500 + n for n, name in enumerate(ContactFieldName)})
PHONES = ("+79990000001", "8 999 000-00-02", "+919990000001", "")
maybe = st.none() | st.integers(0, 9)


@st.composite
def cards(draw):
    number = draw(st.integers(1, 3))
    return ClientCard(
        f"yclients:{draw(st.sampled_from((41001, 41002)))}:{number}",
        draw(st.sampled_from(("Мария", "Маша", ""))),
        draw(st.sampled_from(PHONES)),
        visits=draw(maybe),
        no_shows=draw(maybe),
        labels=draw(st.none() | st.lists(st.sampled_from(("VIP", "Аллергия")), unique=True).map(tuple)),
        do_not_send=draw(st.none() | st.booleans()),
        spent=draw(st.none() | st.integers(0, 10**6).map(Kopecks)),
        discount=draw(maybe),
        birthday=draw(st.sampled_from(("", "1965-05-01", "не скажу"))),
        is_gone=draw(st.booleans()),
    )


@st.composite
def persons(draw):
    moments = st.integers(-9, 9).map(lambda days: NOW + timedelta(days=days))
    visits = draw(st.lists(st.tuples(moments, st.sampled_from(list(Phase))), max_size=4))
    taken = frozenset(draw(st.sets(st.sampled_from(("+79990000002",)))))
    unique = {card.card: card for card in draw(st.lists(cards(), max_size=3))}
    return Person(tuple(unique.values()), {str(n): visit for n, visit in enumerate(visits)}, taken=taken)


def carried_out(command, contact, person):
    """The contact and what is remembered of it, as amoCRM and our store have them then."""
    name = contact.name if command.name is None else command.name
    after = replace(contact, name=name, phones=(*contact.phones, *command.phones))
    return after, replace(person, applied={**person.applied, **dict(command.applied)})


@given(persons(), persons(), st.booleans())
def test_told_once_there_is_nothing_left_to_tell(first, second, is_master):
    options = replace(FILLED.configuration.options, names_from_salon=is_master)
    rules = replace(FILLED, configuration=replace(FILLED.configuration, options=options))
    contact, known = Contact(1, "Мария", ("+79990000001",)), first
    for person in (first, replace(second, applied={})):
        known = replace(person, applied=known.applied)
        command = people.update("key", contact, known, rules, NOW)
        if command is not None:
            assert not any(phone in known.taken for phone in command.phones)
            contact, known = carried_out(command, contact, known)

        assert people.update("key", contact, known, rules, NOW) is None


@given(persons())
def test_a_new_contact_and_a_changed_one_end_alike(person):
    fields, remembered = people.first_fields(person, FILLED, NOW)
    command = people.update("key", Contact(1), person, FILLED, NOW)
    later = people.update("key", Contact(1), replace(person, applied=dict(remembered)), FILLED, NOW)

    assert {v.field_id: v.value for v in fields} == {
        v.field_id: v.value for v in (command.fields if command else ()) if v.value not in (None, ())
    }
    assert later is None or later.fields == ()
