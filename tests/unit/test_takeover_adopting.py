"""A lead taken over is left as it is until its booking changes; then our key and every field go with that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.payments import Goods
from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Label, Phase
from backend.core.sync import adopted, following
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, AddTask, UpdateLead
from backend.core.sync.links import Role
from backend.core.takeover import adopting
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    CONFIRMED,
    COSMETOLOGY,
    DIRECTION,
    FIELD_IDS,
    KEY,
    LOST,
    NOW,
    RULES,
    WON,
    SmallCrm,
    booking,
    facts,
    lead,
    line,
    link,
)

KEY_FIELD, VISIT_AT, STATUS = (
    FIELD_IDS[FieldName.KEY], FIELD_IDS[FieldName.VISIT_AT], FIELD_IDS[FieldName.STATUS]
)  # fmt: skip
MARKED = replace(RULES, configuration=replace(CONFIGURATION, tasks=(TaskRule(TaskWhen.UNMARKED, hours=2),)))
PEELING = line(503, 4000, 90021, "Чистка лица")


def taken(about=None, its_lead=None, rules=RULES, now=NOW):
    """Facts of a booking whose lead has just been taken over."""
    about, its_lead = about or booking(), its_lead or lead(BOOKED, price=Kopecks(250000))
    known = adopting.link(about, its_lead, rules, now)
    return facts(about, link=known, lead=its_lead)


def updates(decision):
    return [command for command in decision.commands if isinstance(command, UpdateLead)]


def written(command):
    return {value.field_id: value.value for value in command.fields}


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("stage", [BOOKED, CONFIRMED, WON, LOST])
def test_nothing_is_asked_for_while_the_booking_is_as_it_was(phase, stage):
    known = taken(booking(phase), lead(stage))

    decision = decide(known, RULES)

    assert (decision.commands, decision.reason) == ((), Reason.ADOPTED)
    assert decision.version == known.booking.changed_at


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": Phase.CONFIRMED},
        {"phase": Phase.CANCELLED},
        {"starts_at": NOW + timedelta(days=3)},
        {"lines": (line(price=3000),)},
        {"comment": "Аллергия"},
        {"duration_seconds": 3600},
        {"visitor": "Дочь"},
        {"labels": (Label(1, "VIP"),)},
        {"goods": (Goods("Крем", Kopecks(100000)),)},
        {"is_paid": True},
    ],
)
def test_the_first_change_brings_our_key_and_every_field(changes):
    known = taken()

    decision = decide(replace(known, booking=replace(known.booking, **changes)), RULES)

    (update,) = updates(decision)
    assert written(update)[KEY_FIELD] == KEY
    assert written(update)[STATUS]
    assert dict(decision.remembers)[adopted.MEMORY] == ""


@pytest.mark.parametrize(
    "changes", [{"changed_at": NOW + timedelta(hours=1)}, {"author_id": 7}, {"mark": "widget"}]
)
def test_what_a_lead_does_not_show_is_no_change(changes):
    known = taken()

    assert decide(replace(known, booking=replace(known.booking, **changes)), RULES).commands == ()


def test_a_client_counted_anew_by_the_salon_is_no_change():
    known = taken()
    client = replace(known.booking.client, no_shows=3, visits=9, name="Мария Ивановна")

    assert decide(replace(known, booking=replace(known.booking, client=client)), RULES).commands == ()


def test_no_note_tells_again_what_the_lead_has_lived_through():
    known = taken()
    moved = replace(known.booking, starts_at=NOW + timedelta(days=3))

    decision = decide(replace(known, booking=moved), RULES)

    notes = [command.text for command in decision.commands if isinstance(command, AddNote)]
    assert len(notes) == 1
    assert notes[0].startswith("Перенос записи")


def test_carried_out_the_change_leaves_a_lead_like_any_other():
    known = taken()
    crm = SmallCrm(replace(known, booking=replace(known.booking, comment="Аллергия")))

    crm.carry_out(decide(crm.facts, RULES))
    crm.facts = replace(
        crm.facts, link=replace(crm.facts.link, applied={**crm.facts.link.applied, adopted.MEMORY: ""})
    )

    assert decide(crm.facts, RULES).commands == ()
    assert decide(crm.facts, RULES).reason is Reason.UP_TO_DATE
    back = decide(replace(crm.facts, booking=booking()), RULES)
    assert updates(back)  # as it was when it was taken over, and yet no longer silent


def test_what_people_wrote_into_a_filled_field_stays_until_the_salon_changes_it():
    its = lead(BOOKED, price=Kopecks(200000), fields=((VISIT_AT, "1"), (DIRECTION, "Эпиляция")))
    known = taken(its_lead=its)

    commented = decide(replace(known, booking=replace(known.booking, comment="Аллергия")), RULES)
    moved = decide(replace(known, booking=replace(known.booking, starts_at=NOW + timedelta(days=9))), RULES)

    assert VISIT_AT not in written(updates(commented)[0])
    assert updates(commented)[0].price is None
    assert VISIT_AT in written(updates(moved)[0])


def test_a_cancelled_booking_brings_the_key_too():
    known = taken()

    (update,) = updates(decide(replace(known, booking=replace(known.booking, phase=Phase.CANCELLED)), RULES))

    assert written(update)[KEY_FIELD] == KEY
    assert update.stage_id == LOST


def test_a_lead_that_carries_a_key_keeps_it():
    known = taken(its_lead=lead(BOOKED, fields=((KEY_FIELD, KEY),)))

    (update,) = updates(decide(replace(known, booking=replace(known.booking, phase=Phase.CANCELLED)), RULES))

    assert KEY_FIELD not in written(update)


def test_the_stage_may_be_taken_back_as_if_we_had_set_it():
    known = taken(booking(Phase.CONFIRMED), lead(CONFIRMED))

    (update,) = updates(decide(replace(known, booking=replace(known.booking, phase=Phase.WAITING)), RULES))

    assert known.link.stage_id == CONFIRMED
    assert update.stage_id == BOOKED


def test_a_stage_that_is_elsewhere_is_peoples_own():
    assert taken(booking(Phase.CONFIRMED), lead(BOOKED)).link.stage_id is None


def test_a_lead_that_is_gone_is_silent_no_longer():
    known = taken()

    decision = decide(replace(known, lead=replace(known.lead, is_deleted=True)), RULES)

    assert decision.reason is not Reason.ADOPTED


@pytest.mark.parametrize(
    "changes", [{"role": Role.HISTORY}, {"applied": {}}, {"applied": {adopted.MEMORY: ""}}]
)
def test_only_a_main_link_that_nothing_was_written_through_is_silent(changes):
    known = taken()

    assert not adopted.is_unchanged(known.booking, replace(known.link, **changes), known.lead)


def test_deleted_again_a_deletion_is_no_news():
    one = booking(Phase.CANCELLED)
    bare = replace(one, lines=(), client=None, starts_at=NOW)

    assert adopted.digest(one) == adopted.digest(bare)
    assert adopted.digest(booking()) != adopted.digest(one)


def test_time_alone_may_still_ask_for_a_task():
    about = booking(starts_at=NOW - timedelta(hours=1), created_at=NOW - timedelta(days=3))
    known = taken(about, rules=MARKED)
    later = replace(known, now=NOW + timedelta(hours=3))

    assert decide(known, MARKED).commands == ()
    assert decide(known, MARKED).look_at
    (task,) = decide(later, MARKED).commands
    assert isinstance(task, AddTask)
    assert decide(later, MARKED).reason is Reason.TASK_SET


def test_what_time_had_asked_for_before_is_not_asked_of_us():
    about = booking(starts_at=NOW - timedelta(hours=20), created_at=NOW - timedelta(days=3))

    assert decide(taken(about, rules=MARKED), MARKED).commands == ()


def test_the_link_is_that_of_the_leads_own_direction():
    two = booking(Phase.WAITING, line(), PEELING)

    assert taken(two, lead(BOOKED)).link.direction == "epilation"
    assert taken(two, lead(8201, COSMETOLOGY)).link.direction == "cosmetology"


def test_a_lead_in_a_strange_pipeline_has_its_bookings_direction():
    assert taken(its_lead=lead(1, 9999)).link.direction == "epilation"
    assert taken(its_lead=lead(8201, COSMETOLOGY)).link.direction == "epilation"


def test_without_services_the_pipeline_tells_the_direction_if_it_can():
    bare = replace(
        CONFIGURATION, directions=tuple(replace(d, is_default=False) for d in CONFIGURATION.directions)
    )
    rules = replace(RULES, configuration=bare)
    gone = replace(booking(Phase.CANCELLED), lines=())

    assert taken(gone, lead(LOST), rules).link.direction == "epilation"
    assert taken(gone, lead(LOST, 9999), rules).link.direction == ""


def test_what_the_link_remembers():
    known = taken(its_lead=lead(BOOKED, contact_ids=()))
    alone = taken(replace(booking(), client=None))

    assert (known.link.contact_id, known.link.version, known.link.opened_by_us) == (None, NOW, False)
    assert known.link.applied["card"] == known.booking.client.card
    assert known.link.applied["directions"] == "epilation"
    assert "card" not in alone.link.applied
    assert taken().link.contact_id == 40000001


# When the widget was late itself


def late(about=None, its_lead=None, now=NOW):
    known = taken(about, its_lead)
    return known, adopting.behind(known.booking, known.link, known.lead, RULES)


def test_a_lead_that_shows_its_booking_is_not_behind():
    assert late()[1] is None


@pytest.mark.parametrize(
    ("its_lead", "wanted"),
    [
        (lead(BOOKED, price=Kopecks(100000)), {"price": Kopecks(250000)}),
        (lead(BOOKED, price=Kopecks(250000), fields=((VISIT_AT, "1"),)), {"field": VISIT_AT}),
    ],
)
def test_a_lead_that_is_behind_gets_the_difference(its_lead, wanted):
    known, renewed = late(its_lead=its_lead)

    (update,) = updates(decide(replace(known, link=renewed), RULES))

    assert update.price == wanted.get("price")
    assert wanted.get("field") in {None, *written(update)}
    assert written(update)[KEY_FIELD] == KEY


def test_a_stage_that_is_behind_follows():
    known, renewed = late(booking(Phase.CONFIRMED), lead(BOOKED, price=Kopecks(250000)))

    (update,) = updates(decide(replace(known, link=renewed), RULES))

    assert renewed.applied["phase"] == "waiting"
    assert update.stage_id == CONFIRMED


def test_a_stage_that_means_nothing_to_us_is_left_to_people():
    known, renewed = late(booking(Phase.CONFIRMED), lead(8109, price=Kopecks(250000)))

    assert renewed.applied["phase"] == ""
    assert updates(decide(replace(known, link=renewed), RULES))[0].stage_id is None


def test_a_lead_in_a_pipeline_without_a_route_is_left_there():
    known, renewed = late(its_lead=lead(1, 9999, price=Kopecks(250000)))

    assert renewed.applied["phase"] == ""
    assert updates(decide(replace(known, link=renewed), RULES))[0].stage_id is None


def test_silence_is_the_link_s_own():
    known = taken()

    assert following.silent(known, known.link, known.lead, RULES).subject == KEY
    assert adopted.forgotten(link()) == ()
    assert adopted.forgotten(None) == ()
