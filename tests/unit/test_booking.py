"""Booking → lead, row by row: facts in, reason and commands out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName, Mode
from backend.core.rules.options import AfterNoShow
from backend.core.salon import Client, Phase, StaffMember
from backend.core.sync.booking import decide
from backend.core.sync.commands import CreateLead, NewContact
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    CONFIRMED,
    COSMETOLOGY,
    DIRECTION,
    EPILATION,
    KEY,
    LEAD,
    LOST,
    NEW,
    NOW,
    OTHER,
    RULES,
    SALON,
    TO_BE_MOVED,
    WON,
    booking,
    facts,
    lead,
    line,
    rules,
    written,
)

MARIA_IN_CRM = Contact(40000001, "Мария", ("+79990000001",))
PAST = NOW - timedelta(hours=3)


def changed_branch(**changes):
    branches = (replace(CONFIGURATION.branches[0], **changes), *CONFIGURATION.branches[1:])
    return replace(RULES, configuration=replace(CONFIGURATION, branches=branches))


# --- skipped ---


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        pytest.param(booking(Phase.CANCELLED), Reason.CANCELLED_EARLY, id="D9 deleted before it was seen"),
        pytest.param(booking(client=None), Reason.NO_CLIENT, id="A13 no client"),
        pytest.param(replace(booking(), lines=()), Reason.NO_SERVICES, id="A13 no services"),
        pytest.param(
            booking(staff=StaffMember(91, "Лист ожидания")), Reason.EXCLUDED_STAFF, id="A12 excluded master"
        ),
        pytest.param(booking(starts_at=NOW - timedelta(days=4)), Reason.TOO_OLD, id="A17 long ago"),
        pytest.param(booking(branch_id=49999), Reason.BRANCH_UNMAPPED, id="J4 unknown salon"),
    ],
)
def test_what_is_skipped_and_why(about, reason):
    decision = decide(facts(about), RULES)

    assert (decision.reason, decision.commands) == (reason, ())


def test_a_salon_that_is_switched_off_is_skipped():
    decision = decide(facts(), changed_branch(mode=Mode.OFF))

    assert (decision.reason, decision.commands) == (Reason.BRANCH_UNMAPPED, ())


def test_an_observed_salon_is_decided_like_an_active_one():
    decision = decide(facts(), changed_branch(mode=Mode.OBSERVE))

    assert decision.reason is Reason.CREATED


def test_without_a_default_direction_an_unmapped_category_is_skipped_and_told():
    directions = tuple(replace(d, is_default=False) for d in CONFIGURATION.directions)
    strict = replace(RULES, configuration=replace(CONFIGURATION, directions=directions))

    decision = decide(facts(booking(Phase.WAITING, line(509))), strict)

    assert decision.reason is Reason.NO_DIRECTION
    assert decision.notices == (("category_unmapped", "41001:509"),)


def test_a_direction_without_a_route_names_both():
    routes = tuple(r for r in CONFIGURATION.routes if r.direction != "cosmetology")
    strict = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))

    decision = decide(facts(booking(Phase.WAITING, line(503))), strict)

    assert decision.reason is Reason.NO_ROUTE
    assert dict(decision.details) == {"branch": "Тверская", "direction": "Косметология"}


def test_a_route_without_an_entry_stage_creates_nothing():
    routes = tuple(replace(r, stages={Phase.ARRIVED: WON}) for r in CONFIGURATION.routes)
    strict = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))

    decision = decide(facts(), strict)

    assert (decision.reason, decision.commands) == (Reason.NO_ROUTE, ())


def test_an_older_state_than_the_one_handled_is_dropped():
    seen = NOW + timedelta(seconds=1)

    decision = decide(facts(seen=seen), RULES)

    assert (decision.reason, decision.commands, decision.version) == (Reason.STALE, (), seen)


def test_a_state_of_the_same_second_is_not_dropped():
    decision = decide(facts(seen=NOW), RULES)

    assert decision.reason is Reason.CREATED


# --- created ---


def test_a_new_booking_makes_a_lead_with_its_note():
    create, note = decide(facts(), RULES).commands

    assert isinstance(create, CreateLead)
    assert (create.key, create.direction) == (KEY, "epilation")
    assert (create.pipeline_id, create.stage_id, create.responsible_id) == (EPILATION, BOOKED, 7000001)
    assert create.price == 250000
    assert create.name == "Эпиляция · Мария · 12.03.2026"
    assert (note.lead_id, note.text.splitlines()[0]) == (None, "Новая запись: 12.03.2026 15:00, Тверская")


def test_every_field_is_filled_that_there_is_something_for():
    create, _note = decide(facts(booking(comment="Аллергия")), RULES).commands

    assert written(create) == {
        FieldName.KEY: KEY,
        FieldName.RECORD_ID: "770001",
        FieldName.SALON: "Тверская",
        FieldName.DIRECTION: ("Эпиляция",),
        FieldName.SERVICES: "Лазер: подмышки — 2 500 ₽",
        FieldName.VISIT_AT: int((NOW + timedelta(days=2)).timestamp()),
        FieldName.MASTER: "Вера",
        FieldName.COMMENT: "Аллергия",
        FieldName.STATUS: "Ожидаем",
        FieldName.AMOUNTS: "Эпиляция — 2 500 ₽",
        FieldName.NO_SHOWS: 0,
    }


def test_two_contacts_of_one_person_are_a_proposal_to_merge():
    decision = decide(facts(contact=Contact(5), twins=(7,)), RULES)

    assert decision.notices == (("contacts_alike", "№ 5, № 7"),)


def test_fields_that_are_not_in_the_account_are_left_out():
    few = replace(RULES, field_ids={FieldName.KEY: 9000, FieldName.SALON: 9002})

    create, _note = decide(facts(), few).commands

    assert [field.field_id for field in create.fields] == [9000, 9002]


@pytest.mark.parametrize(
    ("phase", "stage"),
    [
        (Phase.WAITING, BOOKED),
        (Phase.CONFIRMED, CONFIRMED),
        (Phase.ARRIVED, WON),
        (Phase.NO_SHOW, TO_BE_MOVED),
    ],
)
def test_a_lead_begins_in_the_stage_of_its_booking(phase, stage):
    create, _note = decide(facts(booking(phase)), RULES).commands

    assert create.stage_id == stage


def test_a_phase_without_a_stage_begins_where_leads_begin():
    routes = tuple(replace(r, stages={Phase.WAITING: BOOKED}) for r in CONFIGURATION.routes)
    few = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))

    create, _note = decide(facts(booking(Phase.CONFIRMED)), few).commands

    assert create.stage_id == BOOKED


@pytest.mark.parametrize(
    ("category", "responsible"),
    [pytest.param(503, 7000002, id="of the route"), pytest.param(509, 7000001, id="of the salon")],
)
def test_who_is_responsible(category, responsible):
    create, _note = decide(facts(booking(Phase.WAITING, line(category))), RULES).commands

    assert create.responsible_id == responsible


def test_nobody_is_responsible_when_nobody_is_configured():
    branches = tuple(replace(b, responsible_id=None) for b in CONFIGURATION.branches)
    routes = tuple(replace(r, responsible_id=None) for r in CONFIGURATION.routes)
    nobody = replace(RULES, configuration=replace(CONFIGURATION, branches=branches, routes=routes))

    create, _note = decide(facts(), nobody).commands

    assert create.responsible_id == 0


def test_a_known_contact_gets_the_lead():
    create, _note = decide(facts(contact=MARIA_IN_CRM), RULES).commands

    assert create.contact == 40000001


def test_an_unknown_person_becomes_a_contact_found_by_phone_and_card():
    create, _note = decide(facts(), RULES).commands

    assert create.contact == NewContact(
        ("+79990000001", "yclients:41001:5001"), "Мария", "+79990000001", "", (), 7000001
    )


def test_a_person_without_a_phone_is_tagged_and_found_by_card():
    client = Client("yclients:41001:5002", "Ирина", "нет", "irina@example.test")

    create, _note = decide(facts(booking(client=client)), RULES).commands

    assert create.contact == NewContact(
        ("yclients:41001:5002",), "Ирина", "", "irina@example.test", ("без телефона",), 7000001
    )


def test_an_unmapped_category_goes_to_the_default_direction_and_is_told():
    decision = decide(facts(booking(Phase.WAITING, line(509))), RULES)

    assert decision.commands[0].pipeline_id == OTHER
    assert decision.notices == (("category_unmapped", "41001:509"),)


# --- attached ---


def candidates(*leads):
    return {"contact": MARIA_IN_CRM, "candidates": tuple(Candidate(one) for one in leads)}


def test_an_open_lead_of_the_person_is_continued():
    decision = decide(facts(**candidates(lead())), RULES)

    update, note = decision.commands
    assert decision.reason is Reason.ATTACHED
    assert (update.lead_id, update.attaches, update.stage_id) == (LEAD, "epilation", BOOKED)
    assert (update.name, update.price, update.demotes) == (None, 250000, None)
    assert note.text.startswith("Запись привязана к сделке: ")
    assert dict(decision.details) == {"rank": "5", "lead": str(LEAD)}


def test_two_equal_leads_are_called_ambiguous_and_the_newest_is_taken():
    older, newer = (
        lead(id=1, created_at=NOW - timedelta(days=5)),
        lead(id=2, created_at=NOW - timedelta(days=1)),
    )

    decision = decide(facts(**candidates(newer, older)), RULES)

    assert decision.reason is Reason.ATTACHED_AMBIGUOUS
    assert decision.commands[0].lead_id == 2


def test_a_missed_visit_is_continued_and_becomes_history():
    missed = Link("yclients:41001:660001", LEAD, direction="epilation")
    waiting = Candidate(lead(TO_BE_MOVED), missed, Phase.NO_SHOW, PAST)

    decision = decide(facts(contact=MARIA_IN_CRM, candidates=(waiting,)), RULES)

    update = decision.commands[0]
    assert decision.reason is Reason.CONTINUED
    assert (update.demotes, update.stage_id) == ("yclients:41001:660001", BOOKED)


def test_in_strict_mode_a_missed_visit_is_not_continued():
    missed = Link("yclients:41001:660001", LEAD, direction="epilation")
    waiting = Candidate(lead(TO_BE_MOVED), missed, Phase.NO_SHOW, PAST)

    decision = decide(
        facts(contact=MARIA_IN_CRM, candidates=(waiting,)), rules(after_no_show=AfterNoShow.STRICT)
    )

    assert decision.reason is Reason.CREATED


def test_a_lead_that_was_taken_over_while_already_lost_gets_the_reason_of_the_loss():
    salon_only = lead(NEW, fields=((SALON, "Тверская"), (DIRECTION, "Эпиляция")))
    routes = tuple(replace(r, stages={**r.stages, Phase.CONFIRMED: LOST}) for r in CONFIGURATION.routes)
    odd = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))

    decision = decide(facts(booking(Phase.CONFIRMED), **candidates(salon_only)), odd)

    assert (decision.commands[0].stage_id, decision.commands[0].loss_reason_id) == (LOST, 501)


def test_the_lead_of_another_direction_is_left_alone():
    other = lead(8200, COSMETOLOGY, fields=((DIRECTION, "Косметология"),))

    decision = decide(facts(**candidates(other)), RULES)

    assert decision.reason is Reason.CREATED
