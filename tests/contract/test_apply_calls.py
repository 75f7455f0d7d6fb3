"""Commands about calls carried out in the emulator: batches, what a refusal costs, what a lost answer leaves
open.
"""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.crm_values import FieldValue, NewContact
from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    Logged,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
)
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm import calls, calls_read, notices
from backend.integrations.amocrm.calls import Planned
from backend.integrations.amocrm.notices import Notice
from tests.contract.our_clients import (
    COMMENT,
    DOMAIN,
    FIRST,
    KEY,
    PIPELINE,
    SOURCE,
    ready,
    sent,
    state,
    values,
)

ANNA, BORIS = 7000001, 7000002
AT = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
PHONE = "+79000000011"


@pytest.fixture
def place():
    return ready()


def run(place, *commands):
    """Outcomes by row, and the sizes of the settled groups."""
    rows = [Planned(number, command) for number, command in enumerate(commands)]
    settled, groups = {}, []

    def on_settled(outcomes):
        groups.append(len(outcomes))
        settled.update({outcome.row_id: outcome for outcome in outcomes})

    place.settled, place.groups = settled, groups
    calls.apply(place.client, place.fields, rows, on_settled)
    return settled


def person(number=11, **more):
    phone = f"+7900{number:07}"
    return NewContact((phone,), phone, phone, **more)


def told(number=11, **more):
    given = {
        "way": Way.IN,
        "number": f"+7900{number:07}",
        "at": AT,
        "seconds": 54,
        "status": 4,
        "user_id": ANNA,
    }
    return Logged(**{**given, **more})


def lead(number=11, **more):
    given = {
        "uniq": f"1:{number}", "contact": person(number), "name": f"Звонок {number}", "pipeline_id": PIPELINE,
        "stage_id": FIRST, "responsible_id": BORIS, "fields": (FieldValue(KEY, f"call:1:{number}"),),
    }  # fmt: skip
    return MakeLead(**{**given, **more})


def known(place, number=11):
    return place.crm.ui_contact(DOMAIN, ANNA, "Мария", [f"+7900{number:07}"])["id"]


def open_lead(place, contact_id):
    return place.crm.ui_lead(
        DOMAIN, ANNA, "Заявка", pipeline_id=PIPELINE, stage_id=FIRST, contact_id=contact_id
    )["id"]


# Everything of one call


def test_a_new_client_gets_a_lead_the_call_and_a_task_in_three_requests(place):
    task = AddMissedTask("1:11", Entity.LEAD, None, "Перезвонить", AT + timedelta(minutes=15), BORIS)

    outcomes = run(place, lead(tags=("Москва",)), LogCall("1:11", told()), task)

    (shown,), (note,), (made,) = state(place)["leads"], state(place)["notes"], state(place)["tasks"]
    assert [outcome.status for outcome in outcomes.values()] == ["done"] * 3
    assert values(shown, KEY) == ["call:1:11"]
    assert [tag["name"] for tag in shown["_embedded"]["tags"]] == ["Москва"]
    assert (note["entity_id"], note["params"]["uniq"]) == (shown["id"], "1:11")
    assert (made["entity_id"], made["responsible_user_id"]) == (shown["id"], BORIS)
    assert made["complete_till"] == int((AT + timedelta(minutes=15)).timestamp())
    assert (outcomes[0].lead_id, outcomes[1].made_id, outcomes[2].made_id) == (
        shown["id"], note["id"], made["id"],
    )  # fmt: skip
    assert len(sent(place)) == 3


def test_many_calls_share_their_requests(place):
    commands = [command for n in range(60) for command in (lead(n), LogCall(f"1:{n}", told(n)))]

    run(place, *commands)

    assert [path.rpartition("/")[2] for _, path, _ in sent(place)] == ["complex", "complex", "calls", "calls"]
    assert len(state(place)["notes"]) == 60


def test_a_contact_alone_and_its_note(place):
    outcomes = run(
        place, MakeContact("1:11", person()), NoteCall("1:11", Entity.CONTACT, None, told(way=Way.OUT))
    )

    (contact,), (note,) = state(place)["contacts"], state(place)["notes"]
    assert outcomes[0].contact_id == note["entity_id"] == contact["id"]
    assert (note["note_type"], note["created_by"]) == ("call_out", ANNA)


def test_copies_have_no_author_and_start_nothing(place):
    contact = known(place)
    made = open_lead(place, contact)

    run(
        place,
        NoteCall("1:11", Entity.CONTACT, contact, told()),
        NoteCall("1:11", Entity.LEAD, made, told(), counts=False),
    )

    assert state(place)["call_statistics"] == {str(ANNA): {"in": 1, "out": 0, "talked": 1, "seconds": 54}}


def test_a_call_into_incoming_is_known_by_its_uniq(place):
    command = MakeIncoming("1:11", told(), person(), "Звонок", PIPELINE, (FieldValue(KEY, "call:1:11"),))

    (outcome,) = run(place, command).values()

    (waiting,) = state(place)["unsorted"]
    assert outcome.uid == waiting["uid"]
    assert (outcome.lead_id, outcome.contact_id) == (
        waiting["_embedded"]["leads"][0]["id"], waiting["_embedded"]["contacts"][0]["id"],
    )  # fmt: skip
    assert calls_read.waiting(place.client)["1:11"].uid == waiting["uid"]
    (again,) = run(place, command).values()
    assert again.status == "done"
    assert len(state(place)["unsorted"]) == 1


def test_an_owner_is_given_to_the_contact_and_its_leads(place):
    contact = known(place)
    made = open_lead(place, contact)

    (outcome,) = run(place, GiveContact("1:11", contact, BORIS, (made,))).values()

    assert outcome.status == "done"
    assert state(place)["contacts"][0]["responsible_user_id"] == BORIS
    assert state(place)["leads"][0]["responsible_user_id"] == BORIS


def test_fields_of_one_lead_by_two_calls_go_in_two_requests(place):
    made = open_lead(place, known(place))

    run(
        place,
        FillFields("1:1", Entity.LEAD, made, (FieldValue(COMMENT, "раз"),)),
        FillFields("1:2", Entity.LEAD, made, (FieldValue(COMMENT, "два"),)),
    )

    assert values(state(place)["leads"][0], COMMENT) == ["два"]
    assert len(sent(place)) == 2


def test_a_task_is_closed_with_its_result(place):
    contact = known(place)
    task = AddMissedTask("1:11", Entity.CONTACT, contact, "Перезвонить", AT, 0)
    task_id = run(place, task)[0].made_id

    run(place, CloseMissedTask("1:12", task_id, "Поговорили"))

    (shown,) = state(place)["tasks"]
    assert (shown["is_completed"], shown["result"]) == (True, {"text": "Поговорили"})
    assert calls_read.is_task_open(place.client, task_id) is False


def test_a_task_for_nobody_stands_alone(place):
    run(place, AddMissedTask("1:11", None, None, "Номер скрыт", AT, BORIS))

    (shown,) = state(place)["tasks"]
    assert (shown["entity_id"], shown["text"]) == (None, "Номер скрыт")


# What is wrong costs only itself


def test_a_stranger_beside_others_costs_only_itself(place):
    known(place, 1)
    known(place, 3)

    outcomes = run(place, *(LogCall(f"1:{n}", told(n)) for n in (1, 2, 3)))

    assert [outcomes[n].status for n in range(3)] == ["done", "rejected", "done"]
    assert outcomes[1].error.code == calls.NOBODY
    assert len(sent(place)) == 1


def test_a_stranger_alone_is_told_from_a_refused_request(place):
    (outcome,) = run(place, LogCall("1:1", told(1))).values()

    assert (outcome.status, outcome.error.code) == ("rejected", calls.NOBODY)


def test_somebody_who_left_is_named_and_the_others_are_done(place):
    for number in (1, 2, 3):
        known(place, number)

    outcomes = run(place, *(LogCall(f"1:{n}", told(n, user_id=7 if n == 2 else ANNA)) for n in (1, 2, 3)))

    assert [outcomes[n].status for n in range(3)] == ["done", "human", "done"]
    assert isinstance(outcomes[1].error, NeedsHuman)
    assert outcomes[1].error.code == "amocrm.user_unknown"


def test_a_stage_that_is_gone_stops_the_rules(place):
    (outcome,) = run(place, lead(stage_id=5)).values()

    assert (outcome.error.code, outcome.error.scope) == ("amocrm.stage_unknown", calls.RULES)


def test_a_value_that_a_list_does_not_take_costs_only_itself(place):
    fields = (FieldValue(KEY, "call:1:1"), FieldValue(SOURCE, "нет такого"))

    outcomes = run(place, lead(1, fields=fields), lead(2))

    assert outcomes[0].broken_fields == (SOURCE,)
    assert len(state(place)["leads"]) == 2
    assert values(state(place)["leads"][0], KEY) == ["call:1:1"]


def test_a_field_that_is_gone_is_left_out_everywhere(place):
    place.crm.ui_delete_field(DOMAIN, COMMENT)
    fields = (FieldValue(COMMENT, "раз"), FieldValue(KEY, "call"))

    outcomes = run(place, *(lead(n, fields=fields) for n in (1, 2)))

    assert [outcome.broken_fields for outcome in outcomes.values()] == [(COMMENT,)] * 2
    assert len(state(place)["leads"]) == 2


def test_what_was_deleted_is_told(place):
    outcomes = run(
        place,
        NoteCall("1:1", Entity.LEAD, 404, told()),
        AddMissedTask("1:2", Entity.CONTACT, 404, "Перезвонить", AT, 0),
        CloseMissedTask("1:3", 404, "Поговорили"),
        FillFields("1:4", Entity.CONTACT, 404, (FieldValue(COMMENT, "раз"),)),
    )

    assert [outcomes[n].gone for n in range(4)] == [True] * 4
    assert [outcomes[n].status for n in range(4)] == ["rejected", "rejected", "done", "rejected"]


def test_a_note_without_a_place_waits(place):
    (outcome,) = run(place, NoteCall("1:1", Entity.LEAD, None, told())).values()

    assert isinstance(outcome.error, TryLater)
    assert sent(place) == []


# Lost answers


def test_a_lost_answer_leaves_its_commands_open(place):
    known(place)
    place.crm.faults("reset_after_commit", domain=DOMAIN, next=1, match="/calls")

    with pytest.raises(TryLater):
        run(place, LogCall("1:11", told()))

    assert place.settled == {}
    (note,) = calls_read.notes_of(place.client, Entity.CONTACT, state(place)["contacts"][0]["id"])
    assert note.uniq == "1:11"


def test_an_answer_that_names_not_all_leaves_the_rest_open(place, monkeypatch):
    known(place, 1)
    known(place, 2)
    write = place.client.write

    def forgetful(method, path, body):
        answer = write(method, path, body)
        answer.data["_embedded"]["calls"].pop()
        return answer

    monkeypatch.setattr(place.client, "write", forgetful)

    with pytest.raises(TryLater, match="answer_incomplete"):
        run(place, LogCall("1:1", told(1)), LogCall("1:2", told(2)))

    assert list(place.settled) == [0]


def test_tasks_are_found_by_what_they_say(place):
    contact = known(place)
    run(place, AddMissedTask("1:11", Entity.CONTACT, contact, "Перезвонить", AT, 0))

    (task,) = calls_read.tasks_since(place.client, AT)

    assert (task.text, task.due, task.entity_id) == ("Перезвонить", int(AT.timestamp()), contact)
    assert calls_read.is_task_open(place.client, task.id) is True
    assert calls_read.is_task_open(place.client, 404) is None


def test_a_malformed_note_is_no_crash(place, monkeypatch):
    rows = [{"note_type": "call_in", "params": {"uniq": "1:1"}, "id": None}]
    monkeypatch.setattr(place.client, "page", lambda *_: (rows, True))

    with pytest.raises(InvalidInput, match="note_malformed"):
        calls_read.notes_of(place.client, Entity.LEAD, 1)


# The pop-up


def test_a_notice_names_number_and_users(place):
    contact = known(place)

    notices.send(place.client, [Notice(PHONE, (ANNA, BORIS)), Notice("+79995550000", (ANNA,))])

    first, second = state(place)["popups"]
    assert (first["element_id"], first["users"]) == (contact, [ANNA, BORIS])
    assert (second["element_id"], second["users"]) == (None, [ANNA])
