"""Our amoCRM client against the emulator: reading, paging, troubles, fields and webhooks."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.errors import NeedsHuman, TryLater
from backend.integrations.amocrm import hooks
from backend.integrations.amocrm.client import Refused
from tests.contract import our_clients
from tests.contract.our_clients import DOMAIN, FIRST, PIPELINE, SECOND, sent

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADMIN = 7000001


@pytest.fixture
def place():
    return our_clients.amocrm()


def new_lead(place, name="Сделка", **more):
    return place.crm.ui_lead(DOMAIN, ADMIN, name, pipeline_id=PIPELINE, stage_id=FIRST, **more)


def moment(place):
    return datetime.fromtimestamp(place.world.clock.now(), UTC)


def test_schema_holds_everything_a_configuration_may_name(place):
    schema = place.client.schema()

    assert (schema.account_id, schema.domain, schema.timezone) == (30000001, DOMAIN, "Europe/Moscow")
    assert [pipeline.name for pipeline in schema.pipelines] == ["Эпиляция", "Прочее"]
    assert {142, 143, FIRST, SECOND} <= {stage.id for stage in schema.pipelines[0].stages}
    assert schema.stage(PIPELINE, FIRST).name == "Запись"
    assert [(user.id, user.is_admin) for user in schema.users] == [(ADMIN, True), (7000002, False)]
    assert schema.loss_reasons == ((501, "Отмена"),)
    source = next(field for field in schema.lead_fields if field.id == our_clients.SOURCE)
    assert (source.type, [value for _id, value in source.enums]) == ("select", ["сайт", "звонок"])


def test_lead_is_read_with_its_contact_price_tags_and_fields(place):
    made = new_lead(place, price=15000, contact={"name": "Мария", "phone": "+79000000011"}, tags=["vip"],
                    fields={our_clients.KEY: "yclients:41001:1"})  # fmt: skip

    lead = place.client.lead(made["id"])
    contact = place.client.contact(lead.contact_ids[0])

    assert (lead.pipeline_id, lead.stage_id, lead.price, lead.tags) == (PIPELINE, FIRST, 1500000, ("vip",))
    assert lead.values(our_clients.KEY) == ("yclients:41001:1",)
    assert (contact.name, contact.phones, contact.lead_ids) == ("Мария", ("+79000000011",), (lead.id,))
    assert abs(lead.created_at - moment(place)) < timedelta(seconds=5)


def test_what_is_not_there_is_none(place):
    assert place.client.lead(1) is None
    assert place.client.contact(1) is None


def test_first_pass_reads_every_lead_once_and_stops(place):
    made = {new_lead(place, f"Сделка {n}")["id"] for n in range(260)}

    pages = list(place.client.leads_changed_since(None))

    assert [page.is_last for page in pages] == [False, True]
    assert {lead.id for page in pages for lead in page.items} == made
    assert len(sent(place, "leads")) == 2


def test_pass_can_go_on_from_a_page(place):
    for number in range(260):
        new_lead(place, f"Сделка {number}")

    [page] = place.client.leads_changed_since(None, page=2)

    assert (page.number, len(page.items), page.is_last) == (2, 10, True)


def test_promised_page_that_is_empty_ends_the_pass(place):
    place.crm.options(lying_next=True)
    new_lead(place)

    pages = list(place.client.leads_changed_since(None))

    assert [len(page.items) for page in pages] == [1, 0]
    assert pages[-1].is_last


def test_fresh_read_costs_one_request_and_keeps_the_second_of_the_mark(place):
    for number in range(260):
        new_lead(place, f"Старая {number}")
    place.world.clock.advance(3600)
    fresh = new_lead(place, "Свежая")
    mark = datetime.fromtimestamp(fresh["updated_at"], UTC)

    pages = list(place.client.leads_changed_since(mark))

    assert fresh["id"] in {lead.id for page in pages for lead in page.items}
    assert len(sent(place, "leads")) == 1


def test_contacts_are_read_with_their_leads(place):
    made = new_lead(place, contact={"name": "Мария", "phone": "8 (900) 000-00-11"})

    [page] = place.client.contacts_changed_since(None)

    assert [(c.phones, c.lead_ids) for c in page.items] == [(("8 (900) 000-00-11",), (made["id"],))]


def test_empty_account_gives_one_empty_last_page(place):
    [page] = place.client.contacts_changed_since(None)

    assert (page.items, page.is_last) == ((), True)


def test_creation_cut_short_is_found_among_the_newest(place):
    new_lead(place, "Старая")
    place.world.clock.advance(3600)
    made = new_lead(place, "Свежая", fields={our_clients.KEY: "yclients:41001:7"})

    found = list(place.client.leads_created_since(moment(place) - timedelta(minutes=5)))

    assert [(lead.id, lead.values(our_clients.KEY)) for lead in found] == [
        (made["id"], ("yclients:41001:7",))
    ]


def test_stale_token_is_renewed_once_and_the_request_repeated(place):
    good = place.tokens["access"]
    answers = {False: "stale", True: good}
    place.client._token = lambda is_stale: answers[is_stale]

    assert place.client.account().id == 30000001
    assert [status for _m, _p, status in sent(place)] == [401, 200]


def test_second_refusal_of_the_token_needs_a_person(place):
    place.tokens["access"] = "wrong"

    with pytest.raises(NeedsHuman) as caught:
        place.client.account()

    assert (caught.value.code, caught.value.scope.kind) == ("amocrm.unauthorized", "account")
    assert place.tokens["asked"] == [False, True]
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("429", TryLater, "amocrm.too_many_requests"),
        ("403", NeedsHuman, "amocrm.blocked"),
        ("500", TryLater, "amocrm.failing"),
        ("504", TryLater, "amocrm.failing"),
        ("timeout", TryLater, "amocrm.unreachable"),
        ("reset_after_commit", TryLater, "amocrm.unreachable"),
    ],
)
def test_trouble_is_named_by_what_to_do_next(place, kind, error, code):
    place.crm.faults(kind, next=1)

    with pytest.raises(error) as caught:
        place.client.account()

    assert caught.value.code == code
    assert place.client.account().id == 30000001


def test_complaint_slows_every_worker_down(place):
    place.crm.faults("429", next=1)

    with pytest.raises(TryLater) as caught:
        place.client.account()

    assert place.http.limiter.complaints == 1
    assert caught.value.after == timedelta(seconds=1)


def test_keep_alive_runs_before_each_request(place):
    calls = []
    place.http.before_request = lambda: calls.append(len(sent(place)))

    place.client.schema()

    assert calls == list(range(len(sent(place))))


def test_refusal_names_the_entity_and_the_path(place):
    with pytest.raises(Refused) as caught:
        place.client.write("PATCH", "leads", [{"id": 1, "name": "нет такой", "request_id": "c5"}])

    assert [(p.request_id, p.path) for p in caught.value.problems] == [("c5", "id")]


def test_notes_and_tasks_are_found_by_lead(place):
    ours, other = new_lead(place)["id"], new_lead(place)["id"]
    for lead_id, text in ((ours, "наше"), (other, "чужое")):
        place.client.write(
            "POST", "leads/notes", [{"entity_id": lead_id, "note_type": "common", "params": {"text": text}}]
        )
        task = {"entity_id": lead_id, "entity_type": "leads", "text": text, "complete_till": 1900000000}
        place.client.write("POST", "tasks", [task])

    assert [(row.lead_id, row.text) for row in place.client.notes_of([ours])] == [(ours, "наше")]
    assert [(row.lead_id, row.text) for row in place.client.tasks_of([ours])] == [(ours, "наше")]


def test_subscription_is_renewed_not_doubled(place):
    url = "https://app.example.test/hooks/amocrm/abc"

    place.client.subscribe(url, ["add_lead"])
    place.client.subscribe(url, ["add_lead", "update_lead"])

    assert place.client.webhooks() == (url,)
    assert place.crm.state(DOMAIN)["webhooks"][0]["settings"] == ["add_lead", "update_lead"]


def test_webhook_of_the_emulator_reads_as_the_api_shows_it(place):
    place.client.subscribe("https://app.example.test/hooks/amocrm/abc", ["add_lead", "add_contact"])
    fields = {our_clients.KEY: "yclients:41001:1", our_clients.TAGS: "Ноги"}
    person = {"name": "Мария [VIP]", "phone": "+79000000011"}
    made = new_lead(place, "Мария & Ко", price=3000, contact=person, tags=["срочно"], fields=fields)

    seen = [hooks.read(row["body"].encode()) for row in place.crm.hooks_pending()]
    leads = [lead for hook in seen for lead in hook.leads]
    contacts = [contact for hook in seen for contact in hook.contacts]
    shown = place.client.lead(made["id"])

    assert {hook.account_id for hook in seen} == {30000001}
    assert [(one.id, one.name, one.price, one.tags, one.fields) for one in leads] == [
        (shown.id, shown.name, shown.price, shown.tags, shown.fields)
    ]
    assert [(one.name, one.phones) for one in contacts] == [("Мария [VIP]", ("+79000000011",))]


def test_deleted_lead_is_told_by_its_webhook(place):
    place.client.subscribe("https://app.example.test/hooks/amocrm/abc", ["delete_lead"])
    made = new_lead(place)
    place.crm.ui_delete(DOMAIN, ADMIN, made["id"])

    [hook] = [hooks.read(row["body"].encode()) for row in place.crm.hooks_pending()]

    assert (hook.deleted_lead_ids, hook.leads) == ((made["id"],), ())
