"""A booking whose lead exists: what moves it, what is written, and what people's work forbids."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.core.salon import Phase, StaffMember
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, AddTask, CreateLead, UpdateLead
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    CONFIRMED,
    EPILATION,
    KEY,
    LOST,
    NOW,
    RULES,
    TO_BE_MOVED,
    WON,
    SmallCrm,
    booking,
    facts,
    known,
    lead,
    line,
    link,
    written,
)

PAST = NOW - timedelta(hours=3)


# --- followed ---


def test_a_booking_that_became_history_drives_nothing():
    history = link(role=Role.HISTORY)

    decision = decide(facts(booking(Phase.ARRIVED), link=history, lead=lead(BOOKED)), RULES)

    assert (decision.reason, decision.commands) == (Reason.HISTORY, ())


@pytest.mark.parametrize("before", [Phase.NO_SHOW, Phase.CANCELLED])
@pytest.mark.parametrize("now", [Phase.WAITING, Phase.ARRIVED])
def test_a_booking_that_takes_place_after_all_gets_a_lead_of_its_own(before, now):
    history = link(role=Role.HISTORY, applied={"phase": before})

    decision = decide(facts(booking(now), link=history, lead=lead(BOOKED)), RULES)

    assert decision.reason is Reason.CREATED
    assert isinstance(decision.commands[0], CreateLead)


@pytest.mark.parametrize("now", [Phase.NO_SHOW, Phase.CANCELLED])
def test_a_missed_booking_whose_lead_went_on_stays_history(now):
    history = link(role=Role.HISTORY, applied={"phase": Phase.NO_SHOW})

    decision = decide(facts(booking(now), link=history, lead=lead(BOOKED)), RULES)

    assert (decision.reason, decision.commands) == (Reason.HISTORY, ())


def test_nothing_changed_means_nothing_to_do():
    decision = decide(known(booking()), RULES)

    assert (decision.reason, decision.commands, decision.remembers) == (Reason.UP_TO_DATE, (), ())


@pytest.mark.parametrize(
    ("phase", "stage", "reason"),
    [
        pytest.param(Phase.CONFIRMED, CONFIRMED, Reason.MOVED, id="C1"),
        pytest.param(Phase.ARRIVED, WON, Reason.WON_EARLY, id="C2, C11: it is not yet time for the visit"),
        pytest.param(Phase.NO_SHOW, TO_BE_MOVED, Reason.MOVED, id="C3"),
        pytest.param(Phase.CANCELLED, LOST, Reason.MOVED, id="D4"),
    ],
)
def test_attendance_moves_the_lead(phase, stage, reason):
    decision = decide(known(booking(phase)), RULES)

    update, *_ = decision.commands
    assert decision.reason is reason
    assert (update.stage_id, update.pipeline_id) == (stage, EPILATION)
    assert ("phase", phase) in update.remembers


def test_a_deletion_carries_its_reason_and_touches_nothing_else():
    update, _ = decide(known(replace(booking(Phase.CANCELLED), lines=(), comment="")), RULES).commands

    assert (update.loss_reason_id, update.price, update.name) == (501, None, None)
    assert written(update) == {FieldName.STATUS: "Запись отменена"}


def test_an_edit_writes_only_what_changed():
    (update,) = decide(known(booking(staff=StaffMember(82, "Инна"))), RULES).commands

    assert written(update) == {FieldName.MASTER: "Инна"}
    assert (update.price, update.stage_id, update.name) == (None, None, None)


def test_a_price_that_changed_is_written():
    (update,) = decide(known(booking(Phase.WAITING, line(price=2000))), RULES).commands

    assert update.price == 200000
    assert set(written(update)) == {FieldName.SERVICES, FieldName.AMOUNTS}


def test_a_moved_visit_changes_date_and_name_and_is_told():
    later = booking(starts_at=NOW + timedelta(days=4))

    update, note = decide(known(later), RULES).commands

    assert update.name == "Эпиляция · Мария · 14.03.2026"
    assert set(written(update)) == {FieldName.VISIT_AT}
    assert note.text == "Перенос записи: с 12.03.2026 15:00 на 14.03.2026 15:00"
    assert ("noted_start", later.starts_at.isoformat()) in note.remembers


def test_a_name_that_a_person_gave_is_kept():
    before = known(booking(starts_at=NOW + timedelta(days=4)))
    renamed = replace(before, lead=replace(before.lead, name="Мария, важная"))

    update, _note = decide(renamed, RULES).commands

    assert update.name is None


def test_a_lead_that_we_did_not_name_is_never_renamed():
    before = known(booking(starts_at=NOW + timedelta(days=4)))
    applied = {name: text for name, text in before.link.applied.items() if name != "name"}
    attached = replace(before, link=replace(before.link, applied=applied))

    update, _note = decide(attached, RULES).commands

    assert update.name is None


@pytest.mark.parametrize(
    ("comment", "text"),
    [("Позвонить", "Комментарий к записи: Позвонить"), ("", "Комментарий к записи: удалён")],
)
def test_a_changed_comment_is_told(comment, text):
    before = known(booking(comment=comment))
    told = {**before.link.applied, "noted_comment": "Было"}

    *_update, note = decide(replace(before, link=replace(before.link, applied=told)), RULES).commands

    assert note == AddNote(KEY, before.lead.id, text, (("noted_comment", comment),))


def test_a_move_and_a_comment_are_told_in_one_note():
    later = booking(starts_at=NOW + timedelta(days=4), comment="Позвонить")

    _update, note = decide(known(later), RULES).commands

    assert len(note.text.splitlines()) == 2


def test_a_deletion_tells_nothing_about_time_and_comment():
    gone = booking(Phase.CANCELLED, starts_at=NOW + timedelta(days=4), comment="Удалить")

    commands = decide(known(gone), RULES).commands

    assert [type(command) for command in commands] == [UpdateLead, AddNote]
    assert commands[1].text == "Запись на 14.03.2026 15:00 отменена"


def test_a_deletion_is_told_once():
    crm = SmallCrm(known(booking(Phase.CANCELLED)))
    crm.carry_out(decide(crm.facts, RULES))

    assert decide(crm.facts, RULES).commands == ()
    assert crm.notes == ["Запись на 12.03.2026 15:00 отменена"]


def test_a_lead_whose_note_was_never_written_gets_it_now():
    before = known(booking())
    applied = {name: text for name, text in before.link.applied.items() if not name.startswith("noted_")}

    (note,) = decide(replace(before, link=replace(before.link, applied=applied)), RULES).commands

    assert note.text.startswith("Новая запись: ")
    assert note.lead_id == before.lead.id


def test_an_attached_lead_whose_note_was_never_written_gets_its_own_words():
    before = known(booking())
    applied = {name: text for name, text in before.link.applied.items() if not name.startswith("noted_")}
    attached = replace(before.link, applied=applied, opened_by_us=False)

    (note,) = decide(replace(before, link=attached), RULES).commands

    assert note.text.startswith("Запись привязана к сделке: ")


def test_a_locked_stage_is_remembered_so_that_it_is_not_asked_again():
    decision = decide(known(booking(Phase.CONFIRMED), stage=COMPLAINT), RULES)

    assert decision.reason is Reason.STAGE_LOCKED
    assert ("phase", Phase.CONFIRMED) in decision.remembers
    assert decision.commands[0].stage_id is None


def test_the_direction_stays_fixed_when_prices_change():
    cheap_epilation = booking(Phase.WAITING, line(503, 9000, 90021, "Чистка лица"), line(501, 100))
    directions = tuple(replace(d, priority=1) for d in CONFIGURATION.directions)
    equal = replace(RULES, configuration=replace(CONFIGURATION, directions=directions))

    update = decide(known(cheap_epilation), equal).commands[0]

    assert written(update)[FieldName.DIRECTION] == ("Эпиляция", "Косметология")


# --- a lead that is gone or closed ---


@pytest.mark.parametrize("gone", [None, lead(BOOKED, is_deleted=True)])
def test_a_deleted_lead_of_a_booking_ahead_is_made_again(gone):
    decision = decide(facts(link=link(), lead=gone), RULES)

    assert decision.reason is Reason.CREATED


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(booking(starts_at=PAST), id="the visit is over"),
        pytest.param(booking(Phase.ARRIVED), id="the client came"),
        pytest.param(booking(Phase.CANCELLED), id="the booking was deleted too"),
    ],
)
def test_a_deleted_lead_of_a_booking_that_is_over_stays_deleted(about):
    decision = decide(facts(about, link=link(), lead=None), RULES)

    assert (decision.reason, decision.commands) == (Reason.LEAD_LOST, ())


@pytest.mark.parametrize("stage", [WON, LOST])
def test_a_lead_closed_by_a_person_stays_closed_and_a_task_is_set(stage):
    decision = decide(known(booking(Phase.CONFIRMED), stage=stage), RULES)

    update, note, task = decision.commands
    assert decision.reason is Reason.LEAD_CLOSED
    assert update.stage_id is None
    assert "сделка закрыта вручную" in note.text
    assert isinstance(task, AddTask)
    assert (task.due, task.responsible_id) == (NOW + timedelta(days=1), 7000001)


def test_a_lead_closed_by_a_person_needs_no_task_when_the_visit_is_over():
    decision = decide(known(booking(Phase.NO_SHOW, starts_at=PAST), stage=LOST), RULES)

    assert [type(command) for command in decision.commands][-1] is AddNote
    assert not [command for command in decision.commands if isinstance(command, AddTask)]


def test_a_closed_lead_is_told_about_once():
    before = known(booking(Phase.CONFIRMED), stage=LOST)
    crm = SmallCrm(before)
    crm.carry_out(decide(crm.facts, RULES))
    forgotten = {name: text for name, text in crm.facts.link.applied.items() if name != "phase"}

    again = decide(replace(crm.facts, link=replace(crm.facts.link, applied=forgotten)), RULES)

    assert (again.reason, again.commands) == (Reason.LEAD_CLOSED, ())


def test_a_lead_that_we_closed_an_hour_ago_follows_the_correction():
    won = known(booking(Phase.NO_SHOW), stage=WON)
    ours = replace(
        won.link,
        stage_id=WON,
        stage_at=NOW - timedelta(hours=1),
        applied={**won.link.applied, "phase": "arrived"},
    )

    decision = decide(replace(won, link=ours), RULES)

    assert decision.reason is Reason.REOPENED
    assert decision.commands[0].stage_id == TO_BE_MOVED


@pytest.mark.parametrize(("days", "is_named"), [(0, True), (30, False)])
def test_a_deletion_names_the_lead_that_was_made_elsewhere_a_moment_ago(days, is_named):
    holder = Link("yclients:41002:1", 5, direction="epilation")
    elsewhere = Candidate(lead(id=5), holder, Phase.WAITING, NOW, NOW - timedelta(days=days))
    told = {"phase": "waiting", "noted_start": NOW.isoformat(), "noted_comment": ""}
    known = link(applied=told, stage_id=BOOKED, stage_at=NOW)

    decision = decide(
        facts(booking(Phase.CANCELLED), link=known, lead=lead(BOOKED), candidates=(elsewhere,)), RULES
    )

    texts = [one.text for one in decision.commands if isinstance(one, AddNote)]
    assert any("№ 5" in text for text in texts) is is_named
