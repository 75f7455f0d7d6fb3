"""Whose booking it is: the person's part of a decision, and products of the lead."""

from dataclasses import replace

import pytest

from backend.core.clients import ClientCard, Person
from backend.core.crm import WON, Contact
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Phase
from backend.core.sync import handing, payers, sold
from backend.core.sync.booking import decide
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    CreateLead,
    Decision,
    LinkProducts,
    NewContact,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.core.sync.facts import Held
from backend.core.sync.links import Role
from backend.core.sync.matching import Candidate
from tests.support.facts import BOOKED, CONFIGURATION, KEY, MARIA, RULES, booking, facts, lead, line, link

OTHER = replace(MARIA, card="yclients:41001:5002", name="Светлана", phone="+79990000002")
CONTACT = Contact(40000001, "Мария", ("+79990000001",))
FILLED = replace(RULES, contact_field_ids={ContactFieldName.VISITS: 501})
PERSON = Person((ClientCard(MARIA.card, "Мария", MARIA.phone, visits=3),))
PRODUCTS = replace(RULES, configuration=replace(CONFIGURATION, products="create"))
NOTHING = Decision(KEY, Reason.UP_TO_DATE)


def given_away(**more):
    """A booking that belonged to Maria's card and is Svetlana's now."""
    usual = {
        "link": link(stage_id=BOOKED, applied={"card": MARIA.card}), "lead": lead(BOOKED),
        "person": Person((ClientCard(OTHER.card, "Светлана", OTHER.phone),)),
    }  # fmt: skip
    return facts(booking(client=OTHER), **{**usual, **more})


def kinds(decision):
    return [type(command) for command in decision.commands]


def test_nobody_asked_about_the_person_changes_nothing():
    assert payers.with_person(facts(link=link()), NOTHING, RULES) is NOTHING


def test_a_booking_that_is_skipped_concerns_nobody():
    assert payers.with_person(facts(person=PERSON, contact=CONTACT), NOTHING, FILLED) is NOTHING


def test_the_contact_learns_with_its_booking():
    found = payers.with_person(
        facts(person=PERSON, contact=CONTACT, link=link(), lead=lead()), NOTHING, FILLED
    )

    assert kinds(found) == [UpdateContact]
    assert found.remembers == (("card", MARIA.card),)


def test_a_card_that_is_remembered_is_not_remembered_again():
    known = link(applied={"card": MARIA.card})
    found = payers.with_person(facts(person=PERSON, link=known, lead=lead()), NOTHING, RULES)

    assert (found.commands, found.remembers) == ((), ())


def test_a_booking_without_a_card_remembers_none():
    about = facts(booking(client=None), person=Person(), link=link(), lead=lead())

    assert payers.with_person(about, NOTHING, RULES).remembers == ()


def test_a_new_contact_comes_with_its_fields():
    found = decide(facts(person=PERSON), FILLED)
    made = next(command.contact for command in found.commands if isinstance(command, CreateLead))

    assert isinstance(made, NewContact)
    assert [value.value for value in made.fields] == [3]
    assert made.applied == (("field:501", "3"),)


def test_a_lead_for_a_known_contact_brings_no_fields_of_its_own():
    found = decide(facts(person=PERSON, contact=CONTACT), RULES)

    assert next(c.contact for c in found.commands if isinstance(c, CreateLead)) == CONTACT.id


def test_a_booking_given_away_takes_its_lead_along():
    found = payers.with_person(given_away(), NOTHING, RULES)

    assert kinds(found) == [ReplaceContact, AddNote]
    assert found.commands[0].contact.phone == OTHER.phone
    assert found.commands[0].former_id == 40000001
    assert found.remembers == (("card", OTHER.card),)


def test_the_new_clients_contact_is_taken_when_it_is_known():
    known = Contact(40000002, "Светлана", (OTHER.phone,))
    found = payers.with_person(given_away(contact=known), NOTHING, RULES)

    assert found.commands[0].contact == 40000002


def test_a_lead_without_a_contact_just_gets_one():
    found = payers.with_person(given_away(lead=lead(BOOKED, contact_ids=())), NOTHING, RULES)

    assert found.commands[0].former_id is None


@pytest.mark.parametrize(
    "more",
    [
        {"lead": None},
        {"lead": lead(is_deleted=True)},
        {"link": None},
        {"link": link(role=Role.HISTORY, applied={"card": MARIA.card})},
        {"link": link(stage_id=BOOKED)},
        {"link": link(stage_id=BOOKED, applied={"card": OTHER.card})},
        {"contact": CONTACT},
        {"person": Person(merged=frozenset({MARIA.card}))},
    ],
)
def test_the_contact_of_the_lead_stays(more):
    assert not handing.is_given_away(given_away(**more))


def test_without_a_client_nobody_was_given_anything():
    assert not handing.is_given_away(replace(given_away(), booking=booking(client=None)))


def test_nobody_asked_about_the_person_may_still_be_another():
    assert handing.is_given_away(given_away(person=None))


@pytest.mark.parametrize(
    "more", [{"lead": lead(8109)}, {"lead": lead(WON)}, {"worked_on": frozenset({20000001})}]
)
def test_a_lead_that_people_worked_on_is_asked_about(more):
    found = payers.with_person(given_away(**more), NOTHING, RULES)

    assert kinds(found) == [AddTask]
    assert "Светлана" in found.commands[0].text


def test_a_client_without_a_name_is_said_to_be_so():
    about = replace(given_away(), booking=booking(client=replace(OTHER, name="")))

    assert "без имени" in payers.with_person(about, NOTHING, RULES).commands[1].text


def test_services_of_a_new_lead_become_its_products():
    about = facts(
        booking(Phase.WAITING, line(), line(amount=2, price=5000), line(service=90021, title="Чистка"))
    )
    command = next(c for c in decide(about, PRODUCTS).commands if isinstance(c, LinkProducts))

    assert command.lead_id is None
    assert [(one.ref, one.quantity) for one in command.lines] == [("41001:90001", 3), ("41001:90021", 1)]


def test_the_price_of_one_before_a_discount_counts():
    (one,) = sold.products(booking(Phase.WAITING, line(price=4000, amount=2, full_price=Kopecks(500_000))))

    assert one.price == 250_000


def test_products_go_to_the_lead_that_is_continued():
    update = UpdateLead(KEY, 20000001, attaches="epilation")
    found = sold.with_products(facts(), Decision(KEY, Reason.ATTACHED, (update,)), PRODUCTS)

    assert found.commands[-1].lead_id == 20000001


def test_a_lead_that_is_continued_loses_the_products_of_the_booking_before():
    before = link(key="yclients:41001:1", applied={"products": "41001:90009×1"})
    about = facts(candidates=(Candidate(lead(), before),))
    update = UpdateLead(KEY, 20000001, attaches="epilation")
    found = sold.with_products(about, Decision(KEY, Reason.CONTINUED, (update,)), PRODUCTS)

    assert found.commands[-1].gone == ("41001:90009",)


def test_products_of_a_lead_that_is_continued_are_remembered_although_it_has_them():
    before = link(key="yclients:41001:1", applied={"products": "41001:90001×1"})
    about = facts(candidates=(Candidate(lead(), before),))
    update = UpdateLead(KEY, 20000001, attaches="epilation")
    found = sold.with_products(about, Decision(KEY, Reason.CONTINUED, (update,)), PRODUCTS)

    assert found.commands[-1].remembers == (("products", "41001:90001×1"),)


def test_another_lead_gets_the_products_that_the_former_one_had():
    known = link(applied={"products": "41001:90001×1"})
    made = next(one for one in decide(facts(), RULES).commands if isinstance(one, CreateLead))
    found = sold.with_products(
        facts(link=known, lead=lead()), Decision(KEY, Reason.CREATED, (made,)), PRODUCTS
    )

    assert (found.commands[-1].lead_id, len(found.commands[-1].lines)) == (None, 1)


def test_leads_beside_the_main_one_get_no_products():
    beside = UpdateLead(KEY, 20000009, attaches="cosmetology", share="cosmetology")
    changed = UpdateLead(KEY, 20000001, price=Kopecks(1))
    found = sold.with_products(
        facts(link=link(), lead=lead()), Decision(KEY, Reason.UPDATED, (beside, changed)), PRODUCTS
    )

    assert found.commands[-1].lead_id == 20000001


def test_what_is_no_longer_booked_is_no_product():
    known = link(applied={"products": "41001:90001×1\n41001:90009×1"})
    found = sold.with_products(facts(link=known, lead=lead()), NOTHING, PRODUCTS)

    assert found.commands[0].gone == ("41001:90009",)


@pytest.mark.parametrize(
    ("about", "own"),
    [
        (facts(link=link(), lead=lead()), RULES),
        (facts(booking(Phase.CANCELLED), link=link(), lead=lead()), PRODUCTS),
        (facts(link=link(), lead=lead(is_deleted=True)), PRODUCTS),
        (facts(link=link(role=Role.HISTORY), lead=lead()), PRODUCTS),
        (facts(), PRODUCTS),
        (facts(link=link(applied={"products": "41001:90001×1"}), lead=lead()), PRODUCTS),
    ],
)
def test_there_is_nothing_to_link(about, own):
    assert sold.with_products(about, NOTHING, own) is NOTHING


def beside(**more):
    """A lead of a secondary direction that we opened for the former client."""
    own = link(20000002, share="cosmetology", stage_id=BOOKED)
    found = replace(lead(BOOKED), id=20000002)
    return Held(replace(own, **more.pop("link", {})), replace(found, **more))


KNOWN = Contact(40000002, "Светлана", (OTHER.phone,))


def test_a_lead_beside_waits_for_the_contact_that_is_being_made():
    found = payers.with_person(given_away(satellites=(beside(),)), NOTHING, RULES)

    assert (kinds(found), found.wakes) == ([ReplaceContact, AddNote], (KEY,))
    assert found.commands[0].remembers == (("former", "40000001"),)


def test_a_lead_beside_goes_along():
    found = payers.with_person(given_away(contact=KNOWN, satellites=(beside(),)), NOTHING, RULES)

    assert (kinds(found), found.wakes) == ([ReplaceContact, AddNote, ReplaceContact], ())
    assert (found.commands[2].lead_id, found.commands[2].share) == (20000002, "cosmetology")


def test_a_plan_cut_in_the_middle_is_finished():
    known = link(stage_id=BOOKED, applied={"card": OTHER.card, "former": "40000001"})
    main = lead(BOOKED, contact_ids=(KNOWN.id,))
    about = given_away(link=known, lead=main, contact=KNOWN, satellites=(beside(),))

    assert kinds(payers.with_person(about, NOTHING, RULES)) == [ReplaceContact]


def test_a_lead_beside_that_people_worked_on_is_asked_about_once():
    about = given_away(contact=KNOWN, satellites=(beside(stage_id=8209),))
    task = payers.with_person(about, NOTHING, RULES).commands[2]
    asked = beside(stage_id=8209, link={"applied": dict(task.remembers)})
    again = payers.with_person(replace(about, satellites=(asked,)), NOTHING, RULES)

    assert (task.lead_id, task.share) == (20000002, "cosmetology")
    assert kinds(again) == [ReplaceContact, AddNote]


@pytest.mark.parametrize(
    "more",
    [{"link": {"opened_by_us": False}}, {"stage_id": WON}, {"is_deleted": True}, {"contact_ids": (7,)}],
)
def test_other_leads_beside_keep_their_contact(more):
    about = given_away(contact=KNOWN, satellites=(beside(**more),))

    assert kinds(payers.with_person(about, NOTHING, RULES)) == [ReplaceContact, AddNote]


def test_a_lead_that_is_gone_was_touched_by_nobody():
    assert not Held(link(), None).is_touched(frozenset())
    assert not handing.is_for_people(facts())


def test_a_lead_that_was_the_former_clients_own_is_let_go_as_people_left_it():
    own = beside(stage_id=8209, link={"opened_by_us": False})
    about = given_away(contact=KNOWN, satellites=(own,))
    commands = [one for one in decide(about, RULES).commands if getattr(one, "share", "")]

    assert [type(one) for one in commands] == [AddNote, UpdateLead]
    assert (commands[1].releases, commands[1].stage_id, commands[1].price) == (True, None, None)
