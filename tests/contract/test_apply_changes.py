"""Changes, notes and tasks carried out in the emulator, and the shape that values take there."""

from datetime import UTC, datetime

import pytest

from backend.core.crm import LOST
from backend.core.money import Kopecks
from backend.core.sync.commands import AddNote, AddTask, FieldValue, UpdateLead
from tests.contract.our_clients import (
    COMMENT,
    DOMAIN,
    FIRST,
    PIPELINE,
    SOURCE,
    TAGS,
    VISIT_AT,
    VISIT_ON,
    lead,
    ready,
    run,
    sent,
    state,
    values,
)

ADMIN = 7000001


@pytest.fixture
def place():
    return ready()


def made(place, **more):
    return place.crm.ui_lead(DOMAIN, ADMIN, "Сделка", pipeline_id=PIPELINE, stage_id=FIRST, **more)


def update(lead_id, key="yclients:41001:1", **changes):
    return UpdateLead(key, lead_id, **changes)


def test_update_changes_only_what_it_names(place):
    before = made(place, price=100, fields={SOURCE: "сайт", COMMENT: "старое"})

    [outcome] = run(
        place, update(before["id"], price=Kopecks(250000), fields=(FieldValue(COMMENT, "новое"),))
    ).values()

    [after] = state(place)["leads"]
    assert (outcome.status, outcome.lead_id) == ("done", before["id"])
    assert (after["price"], values(after, COMMENT)) == (2500, ["новое"])
    assert (after["name"], after["status_id"], values(after, SOURCE)) == ("Сделка", FIRST, ["сайт"])


def test_update_moves_and_names_the_loss(place):
    before = made(place)

    run(place, update(before["id"], pipeline_id=PIPELINE, stage_id=LOST, loss_reason_id=501))

    [after] = state(place)["leads"]
    assert (after["status_id"], after["loss_reason_id"]) == (LOST, 501)


def test_none_clears_a_field(place):
    before = made(place, fields={COMMENT: "старое"})

    run(place, update(before["id"], fields=(FieldValue(COMMENT, None),)))

    assert values(state(place)["leads"][0], COMMENT) == []


def test_change_of_our_memory_alone_costs_no_request(place):
    [outcome] = run(place, update(77, attaches="epilation", remembers=(("phase", "waiting"),))).values()

    assert (outcome.status, outcome.lead_id) == ("done", 77)
    assert sent(place) == []


def test_two_changes_of_one_lead_go_one_after_the_other(place):
    before = made(place)

    run(place, update(before["id"], name="Раз"), update(before["id"], key="yclients:41001:2", name="Два"))

    assert state(place)["leads"][0]["name"] == "Два"
    assert len(sent(place)) == 2


def test_deleted_lead_is_rejected_by_name_and_others_are_changed(place):
    gone, stays = made(place), made(place)
    place.crm.ui_delete(DOMAIN, ADMIN, gone["id"])

    outcomes = run(place, update(gone["id"], name="А"), update(stays["id"], key="yclients:41001:2", name="Б"))

    assert [(o.status, o.error.code if o.error else None) for o in (outcomes[0], outcomes[1])] == [
        ("rejected", "amocrm.lead_gone"), ("done", None)]  # fmt: skip
    assert state(place)["leads"][0]["name"] == "Б"


def test_vanished_contact_is_rejected_by_name(place):
    [outcome] = run(place, lead(1, contact=4242)).values()

    assert (outcome.status, outcome.error.code) == ("rejected", "amocrm.contact_gone")


def test_notes_and_tasks_follow_the_lead_made_in_the_same_plan(place):
    due = datetime(2027, 3, 1, 9, tzinfo=UTC)
    key = "yclients:41001:1"

    outcomes = run(
        place, AddNote(key, None, "Создано"), AddTask(key, None, "Позвонить", due, 7000002), lead(1)
    )

    [shown] = state(place)["leads"]
    [note], [task] = state(place)["notes"], state(place)["tasks"]
    assert (note["entity_id"], note["params"]["text"]) == (shown["id"], "Создано")
    assert (task["entity_id"], task["text"], task["responsible_user_id"]) == (
        shown["id"],
        "Позвонить",
        7000002,
    )
    assert task["complete_till"] == int(due.timestamp())
    assert {outcome.lead_id for outcome in outcomes.values()} == {shown["id"]}
    assert [path.rsplit("/", 1)[-1] for _m, path, _s in sent(place)] == ["complex", "notes", "tasks"]


def test_note_of_a_lead_that_was_refused_is_refused_too(place):
    outcomes = run(place, lead(1, contact=4242), AddNote("yclients:41001:1", None, "Создано"))

    assert [outcomes[row].status for row in (0, 1)] == ["rejected", "rejected"]
    assert outcomes[1].error.code == "amocrm.lead_not_created"
    assert sent(place, "notes") == []


def test_values_take_the_shape_of_their_field():
    place = ready(timezone="Asia/Vladivostok")
    visit = datetime(2027, 3, 1, 22, 30, tzinfo=UTC)  # already March 2 in Vladivostok
    stamp = int(visit.timestamp())
    fields = (FieldValue(VISIT_AT, stamp), FieldValue(VISIT_ON, stamp), FieldValue(TAGS, ("Ноги", "Руки")),
              FieldValue(COMMENT, "длинный " * 100))  # fmt: skip

    run(place, lead(1, fields=fields), timezone="Asia/Vladivostok")

    [shown] = state(place)["leads"]
    assert values(shown, VISIT_AT) == [stamp]
    assert values(shown, TAGS) == ["Ноги", "Руки"]
    assert values(shown, COMMENT) == ["длинный " * 100]
    assert datetime.fromtimestamp(values(shown, VISIT_ON)[0], UTC) == datetime(2027, 3, 1, 14, tzinfo=UTC)
