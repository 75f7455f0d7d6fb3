"""A booking without a lead: what it waits for, what its new lead says of another one, which one it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.core.rules.options import AfterNoShow, Incoming, MultiCategory, Repeating
from backend.core.salon import Phase
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, CreateLead, UpdateLead
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    FIELD_IDS,
    KEY,
    LEAD,
    LOST,
    NEW,
    NOW,
    RULES,
    TO_BE_MOVED,
    WON,
    booking,
    facts,
    lead,
    line,
    link,
    rules,
)

PAST = NOW - timedelta(hours=3)
EARLIER, IN_URAL, NOWHERE = "yclients:41001:660001", "yclients:41002:660001", "yclients:49999:660001"
UNSORTED = 8199
MARIA = Contact(40000001, "Мария", ("+79990000001",))


def made(decision):
    """The new lead and its note."""
    lead, note, *_ = decision.commands
    assert isinstance(lead, CreateLead)
    assert isinstance(note, AddNote)
    return lead, note


# --- what it waits for ---


@pytest.mark.parametrize(
    ("repeating", "reason"),
    [(Repeating.NEAREST, Reason.WAITS_ITS_TURN), (Repeating.EVERY, Reason.CREATED)],
)
def test_A18_of_a_schedule_only_the_nearest_booking_has_a_lead_where_the_account_wants_that(
    repeating, reason
):
    nearest = Candidate(
        lead(BOOKED), link(key=EARLIER), Phase.WAITING, NOW + timedelta(days=1), holder_created_at=NOW
    )

    decision = decide(facts(candidates=(nearest,)), rules(repeating=repeating))

    assert (decision.reason, decision.commands == ()) == (reason, reason is Reason.WAITS_ITS_TURN)


@pytest.mark.parametrize(
    ("seconds", "reason", "wait"),
    [
        pytest.param(30, Reason.WAITS_FOR_NEXT_LEAD, timedelta(seconds=90), id="it is about to come"),
        pytest.param(120, Reason.CREATED, None, id="it did not come"),
    ],
)
def test_K2_a_booking_made_a_moment_after_a_success_waits_for_the_automations_lead(seconds, reason, wait):
    route = replace(CONFIGURATION.routes[0], trigger_pipeline_id=EPILATION, trigger_stage_id=NEW)
    routes = (route, *CONFIGURATION.routes[1:])
    automated = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))
    win = link(key=EARLIER, stage_id=WON, stage_at=NOW - timedelta(seconds=seconds))

    decision = decide(facts(wins=(win,)), automated)

    assert (decision.reason, decision.wait, decision.commands == ()) == (reason, wait, wait is not None)


def unsorted(created_at):
    known = replace(rules(incoming=Incoming.WAIT), incoming_stages=frozenset({UNSORTED}))
    return decide(facts(booking(created_at=created_at), candidates=(Candidate(lead(UNSORTED)),)), known)


def test_A11_a_person_has_five_minutes_for_the_lead_in_unsorted():
    decision = unsorted(NOW - timedelta(minutes=2))

    assert (decision.reason, decision.commands) == (Reason.WAITS_FOR_INCOMING, ())
    assert decision.wait == timedelta(minutes=3)


def test_A11_then_a_lead_is_made_whose_note_names_the_one_that_nobody_sorted():
    decision = unsorted(NOW - timedelta(minutes=5))

    _, note = made(decision)
    assert decision.reason is Reason.CREATED
    assert note.text.startswith(f"В «Неразобранном» лежит заявка этого клиента (сделка № {LEAD})")


# --- moved ---


def left(key=IN_URAL, stage=COMPLAINT, **changes):
    """A lead whose booking was deleted a moment ago."""
    usual = Candidate(lead(stage), link(key=key), Phase.CANCELLED, PAST, NOW, is_leaving=True)
    return replace(usual, **changes)


def test_D3_the_note_of_the_new_lead_names_the_salon_and_the_lead_left_there():
    _, note = made(decide(facts(candidates=(left(),)), RULES))

    assert note.text.startswith(f"Запись перенесена из салона «Урал»: прежняя сделка — № {LEAD}.\n")
    assert "Новая запись: " in note.text


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(left(is_leaving=False), id="its booking is still there"),
        pytest.param(left(holder=None), id="nobody's lead"),
        pytest.param(left(NOWHERE), id="of a salon that nobody knows"),
        pytest.param(left(holder=link(key=IN_URAL, direction="cosmetology")), id="of another direction"),
    ],
)
def test_D3_no_other_lead_is_named(other):
    _, note = made(decide(facts(candidates=(other,)), RULES))

    assert note.text.startswith("Новая запись: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "Перенос записи: с 10.03.2026 12:00 на 12.03.2026 15:00", id="entered again"),
        pytest.param({"holder_starts_at": None}, "Запись привязана к сделке: ", id="nobody knows from when"),
    ],
)
def test_D7_deleted_and_entered_again_is_told_as_one_move(changes, words):
    decision = decide(facts(candidates=(left(EARLIER, BOOKED, **changes),)), RULES)

    update, note = decision.commands
    assert (decision.reason, update.lead_id, update.demotes) == (Reason.CONTINUED, LEAD, EARLIER)
    assert note.text.startswith(words)
    assert dict(note.remembers)["noted_start"] == booking().starts_at.isoformat()


# --- a missed visit that is not continued ---


def missed(key=EARLIER, phase=Phase.NO_SHOW, stage=TO_BE_MOVED, direction="epilation", **of_lead):
    """A lead that waits for its client where we have put it."""
    held = link(key=key, direction=direction, stage_id=TO_BE_MOVED)
    return Candidate(lead(stage, **of_lead), held, phase, PAST)


def strictly(one, **more):
    options = {"after_no_show": AfterNoShow.STRICT, **more.pop("options", {})}
    return decide(facts(candidates=(one,), **more), rules(**options))


@pytest.mark.parametrize("phase", [Phase.NO_SHOW, Phase.CANCELLED])
def test_in_strict_mode_the_lead_of_a_missed_visit_is_closed_beside_the_new_one(phase):
    decision = strictly(missed(phase=phase))

    _lead, _note, told, closed = decision.commands
    assert told == AddNote(EARLIER, LEAD, "Клиент записан заново, другой сделкой. Эта закрыта.")
    assert closed == UpdateLead(EARLIER, LEAD, stage_id=LOST, pipeline_id=EPILATION, loss_reason_id=502)


SOMEBODY_ELSES = {
    "name": "Эпиляция · Светлана · 10.03", "fields": ((FIELD_IDS[FieldName.KEY], EARLIER),)
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "more"),
    [
        pytest.param(missed(IN_URAL), {}, id="of another salon"),
        pytest.param(missed(direction="cosmetology"), {}, id="of another direction"),
        pytest.param(missed(stage=COMPLAINT), {}, id="people have moved it"),
        pytest.param(missed(phase=Phase.CONFIRMED), {}, id="its visit is still ahead"),
        pytest.param(missed(tags=("не двигать",)), {}, id="people have marked it"),
        pytest.param(missed(tags=("не привязывать",)), {}, id="people have kept it from bookings"),
        pytest.param(missed(), {"worked_on": frozenset({LEAD})}, id="people work with it"),
        pytest.param(missed(**SOMEBODY_ELSES), {"options": {"match_by_name": True}}, id="E9 somebody else's"),
    ],
)
def test_in_strict_mode_no_other_lead_is_closed(one, more):
    decision = strictly(one, **more)

    assert decision.reason is Reason.CREATED
    assert [type(command) for command in decision.commands] == [CreateLead, AddNote]


def test_E9_without_the_option_a_lead_of_one_phone_is_one_persons():
    decision = strictly(missed(**SOMEBODY_ELSES))

    assert decision.commands[-1].stage_id == LOST


# --- several directions ---


@pytest.mark.parametrize(
    ("mode", "contact", "searched", "wakes"),
    [
        pytest.param(MultiCategory.SPLIT, None, "epilation", (KEY,), id="the second lead comes afterwards"),
        pytest.param(MultiCategory.SPLIT, MARIA, "epilation,cosmetology", (), id="it is made at once"),
        pytest.param(MultiCategory.HYBRID, None, "epilation,cosmetology", (), id="none is made"),
    ],
)
def test_directions_that_wait_for_the_contact_are_not_yet_looked_for(mode, contact, searched, wakes):
    about = booking(Phase.WAITING, line(), line(503, 4000, 90021, "Чистка лица"))

    decision = decide(facts(about, contact=contact), rules(multi_category=mode))

    create, _ = made(decision)
    assert (dict(create.remembers)["directions"], decision.wakes) == (searched, wakes)
    pipelines = [one.pipeline_id for one in decision.commands if isinstance(one, CreateLead)]
    assert pipelines == ([EPILATION, COSMETOLOGY] if mode is MultiCategory.SPLIT and contact else [EPILATION])
