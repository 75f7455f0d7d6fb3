"""Commands carried out in the emulator: batches, what a refusal costs, what a lost answer leaves open."""

from datetime import UTC, datetime

import pytest

from backend.core.commands import AddNote, AddTask, FieldValue, NewContact, UpdateLead
from backend.core.crm import LOST
from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.core.money import Kopecks
from backend.integrations.amocrm import apply as amo
from backend.integrations.amocrm.apply import Planned
from tests.contract import our_clients
from tests.contract.our_clients import (
    COMMENT,
    DOMAIN,
    FIRST,
    KEY,
    PIPELINE,
    SECOND,
    SOURCE,
    TAGS,
    VISIT_AT,
    VISIT_ON,
    lead,
    sent,
)

ADMIN = 7000001


@pytest.fixture
def place():
    return ready()


def ready(**account):
    place = our_clients.amocrm(**account)
    place.fields = {field.id: field for field in place.client.schema().lead_fields}
    place.crm.journal_clear()
    return place


def run(place, *commands, timezone="Europe/Moscow"):
    """Outcomes by row, and the sizes of the settled groups."""
    rows = [Planned(number, command) for number, command in enumerate(commands)]
    settled, groups = {}, []

    def on_settled(outcomes):
        groups.append(len(outcomes))
        settled.update({outcome.row_id: outcome for outcome in outcomes})

    place.settled, place.groups = settled, groups
    amo.apply(place.client, place.fields, rows, on_settled, timezone)
    return settled


def state(place):
    return place.crm.state(DOMAIN)


def values(shown, field_id):
    row = next((row for row in shown["custom_fields_values"] or () if row["field_id"] == field_id), None)
    return [value["value"] for value in row["values"]] if row else []


def made(place, **more):
    return place.crm.ui_lead(DOMAIN, ADMIN, "Сделка", pipeline_id=PIPELINE, stage_id=FIRST, **more)


def update(lead_id, key="yclients:41001:1", **changes):
    return UpdateLead(key, lead_id, **changes)


def test_new_lead_brings_its_contact_budget_responsible_fields_and_tags(place):
    contact = NewContact(
        ("+79000000011",), "Мария", "+79000000011", "m@example.test", ("из салона",), 7000002
    )
    command = lead(
        1, contact=contact, responsible_id=7000002, tags=("запись",), fields=(FieldValue(SOURCE, "сайт"),)
    )

    [outcome] = run(place, command).values()

    [shown], [person] = state(place)["leads"], state(place)["contacts"]
    assert (outcome.status, outcome.lead_id, outcome.contact_id) == ("done", shown["id"], person["id"])
    assert (shown["name"], shown["price"], shown["responsible_user_id"]) == ("Запись 1", 1501, 7000002)
    assert (shown["pipeline_id"], shown["status_id"]) == (PIPELINE, FIRST)
    assert (values(shown, KEY), values(shown, SOURCE)) == (["yclients:41001:1"], ["сайт"])
    assert [tag["name"] for tag in shown["_embedded"]["tags"]] == ["запись"]
    assert [contact["id"] for contact in shown["_embedded"]["contacts"]] == [person["id"]]
    assert (person["name"], person["responsible_user_id"]) == ("Мария", 7000002)
    codes = {row["field_code"]: row["values"][0]["value"] for row in person["custom_fields_values"]}
    assert codes == {"PHONE": "+79000000011", "EMAIL": "m@example.test"}


def test_lead_of_a_known_contact_makes_no_second_contact(place):
    person = place.crm.ui_contact(DOMAIN, ADMIN, "Мария", ["+79000000011"])

    run(place, lead(1, contact=person["id"]))

    [shown] = state(place)["leads"]
    assert [contact["id"] for contact in shown["_embedded"]["contacts"]] == [person["id"]]
    assert len(state(place)["contacts"]) == 1


def test_a_hundred_and_twenty_leads_take_three_requests_each_settled_at_once(place):
    outcomes = run(place, *(lead(number) for number in range(120)))

    assert place.groups == [50, 50, 20]
    assert {outcome.status for outcome in outcomes.values()} == {"done"}
    keys = {shown["id"]: values(shown, KEY) for shown in state(place)["leads"]}
    assert all(keys[outcome.lead_id] == [f"yclients:41001:{row}"] for row, outcome in outcomes.items())
    assert len(sent(place)) == 3


def test_one_bad_list_value_among_fifty_costs_one_lead(place):
    commands = [
        lead(number, fields=(FieldValue(SOURCE, "сайт" if number != 17 else "нет такого"),))
        for number in range(50)
    ]

    outcomes = run(place, *commands)

    assert [row for row, outcome in outcomes.items() if outcome.status == "rejected"] == [17]
    assert sum(outcome.status == "done" for outcome in outcomes.values()) == 49
    assert len(state(place)["leads"]) == 49
    assert [status for _m, _p, status in sent(place)] == [400, 200, 400]
    error = outcomes[17].error
    assert isinstance(error, InvalidInput)
    assert error.details["path"] == "custom_fields_values.1.values.0.value"


def test_nameless_refusal_is_halved_to_the_culprit(place, monkeypatch):
    real = place.client.write

    def nameless(method, path, body):
        try:
            return real(method, path, body)
        except amo.Refused as refusal:
            raise amo.Refused(400, (), "Request validation failed") from refusal

    monkeypatch.setattr(place.client, "write", nameless)
    commands = [
        lead(number, fields=(FieldValue(SOURCE, "сайт" if number != 5 else "нет такого"),))
        for number in range(8)
    ]

    outcomes = run(place, *commands)

    assert [row for row, outcome in outcomes.items() if outcome.status == "rejected"] == [5]
    assert len(state(place)["leads"]) == 7
    assert len(sent(place)) == 7  # 8, 4, 4, 2, 1, 1, 2


def test_deleted_field_is_left_out_and_reported(place):
    place.crm.ui_delete_field(DOMAIN, SOURCE)

    outcomes = run(place, *(lead(number, fields=(FieldValue(SOURCE, "сайт"),)) for number in range(60)))

    assert {outcome.status for outcome in outcomes.values()} == {"done"}
    assert {outcome.broken_fields for outcome in outcomes.values()} == {(SOURCE,)}
    assert [status for _m, _p, status in sent(place)] == [400, 200, 200]
    assert all(values(shown, KEY) for shown in state(place)["leads"])


def test_deleted_stage_needs_a_person_and_stops_only_its_route(place):
    place.crm.ui_delete_stage(DOMAIN, PIPELINE, SECOND)

    outcomes = run(place, lead(1), lead(2, stage_id=SECOND, direction="nails"), lead(3))

    assert [outcomes[row].status for row in range(3)] == ["done", "human", "done"]
    error = outcomes[1].error
    assert isinstance(error, NeedsHuman)
    assert (error.code, error.scope.kind, error.scope.key) == ("amocrm.stage_unknown", "route", "41001:nails")
    assert len(state(place)["leads"]) == 2


def test_dismissed_responsible_needs_a_person(place):
    [outcome] = run(place, lead(1, responsible_id=555)).values()

    assert (outcome.status, outcome.error.code) == ("human", "amocrm.user_unknown")


@pytest.mark.parametrize("kind", ["504_after_commit", "reset_after_commit", "timeout", "500", "429"])
def test_lost_answer_to_a_creation_leaves_its_batch_open(place, kind):
    place.crm.faults(kind, next=1, match="complex")
    commands = [lead(number) for number in range(60)]

    with pytest.raises(TryLater):
        run(place, *commands, AddNote("yclients:41001:1", None, "заметка"))

    assert place.settled == {}
    assert len(sent(place, "complex")) == 1
    assert sent(place, "notes") == []


def test_batches_before_the_trouble_are_settled(place):
    real, calls = place.client.write, []

    def write(*request):
        calls.append(request)
        if len(calls) == 2:
            place.crm.faults("504", next=1)
        return real(*request)

    place.client.write = write

    with pytest.raises(TryLater):
        run(place, *(lead(number) for number in range(120)))

    assert sorted(place.settled) == list(range(50))


def test_answer_that_forgets_an_entity_leaves_it_open(place, monkeypatch):
    real = place.client.write

    def forgetful(*request):
        answer = real(*request)
        answer.data.pop()
        return answer

    monkeypatch.setattr(place.client, "write", forgetful)

    with pytest.raises(TryLater) as caught:
        run(place, lead(1), lead(2))

    assert caught.value.code == "amocrm.answer_incomplete"
    assert list(place.settled) == [0]


def test_answers_are_matched_by_reference_not_by_place(place, monkeypatch):
    real = place.client.write

    def shuffled(*request):
        answer = real(*request)
        answer.data.reverse()
        return answer

    monkeypatch.setattr(place.client, "write", shuffled)

    outcomes = run(place, lead(1), lead(2), lead(3))

    keys = {shown["id"]: values(shown, KEY)[0] for shown in state(place)["leads"]}
    assert [keys[outcomes[row].lead_id] for row in range(3)] == [f"yclients:41001:{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("pair", [
    (lead(1), lead(1)),
    (lead(1), lead(2, contact=NewContact(("+79000000001",), "Та же"))),
])  # fmt: skip
def test_two_creations_that_would_double_are_our_own_mistake(place, pair):
    with pytest.raises(AssertionError):
        run(place, *pair)

    assert sent(place) == []


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
