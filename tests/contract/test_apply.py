"""Commands carried out in the emulator: batches, what a refusal costs, what a lost answer leaves open."""

import pytest

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.core.sync.commands import AddNote, FieldValue, NewContact
from backend.integrations.amocrm import apply as amo
from tests.contract.our_clients import (
    DOMAIN,
    FIRST,
    KEY,
    PIPELINE,
    SECOND,
    SOURCE,
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
