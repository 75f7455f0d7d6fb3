"""Rarer deeds of people in the amoCRM emulator: robots, merged contacts, copies, incoming leads."""

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    DOMAIN,
    KEY,
    REPEAT,
    SALES,
    SELLER,
    SOURCE,
    Api,
    Receiver,
    new_world,
    value,
)

URL = "https://mostik.test/hooks/amocrm/s3cret"
ALL = [
    *("add_lead", "update_lead", "status_lead", "delete_lead", "restore_lead", "responsible_lead"),
    *("add_contact", "update_contact", "delete_contact", "add_unsorted", "delete_unsorted"),
]


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def world(receiver):
    return new_world(post=receiver.post)


@pytest.fixture
def api(world):
    api = Api(world)
    api.post("webhooks", {"destination": URL, "settings": ALL})
    return api


@pytest.fixture
def quiet(world, receiver):
    """Lets the hooks of the preparation arrive and forgets them."""

    def forget():
        world.deliver()
        receiver.bodies.clear()

    return forget


def with_person(api, contact_id, **keys):
    return api.lead(_embedded={"contacts": [{"id": contact_id}]}, **keys)


def leads(api):
    answer = api.get("leads", **{"with": "contacts"})
    return answer.json()["_embedded"]["leads"] if answer.status_code == 200 else []


def robot(world, **more):
    world.amocrm.trigger(domain=DOMAIN, on_pipeline=SALES, pipeline_id=REPEAT, stage_id=8201, **more)


# Robots


def test_robot_may_fire_twice_and_forget_the_contact(api, world):
    robot(world, times=2, with_contact=False, name="Следующий визит")
    won = with_person(api, api.contact())
    api.patch(f"leads/{won}", {"status_id": 142})

    world.deliver()

    made = [lead for lead in leads(api) if lead["created_by"] == 0]
    assert [lead["name"] for lead in made] == ["Следующий визит"] * 2
    assert [lead["_embedded"]["contacts"] for lead in made] == [[], []]


def test_robot_with_a_condition_reads_the_field_when_it_acts(api, world):
    robot(world, delay=30, unless_field=SOURCE, unless_value="Звонок")
    held, free = api.lead(), api.lead()
    for lead_id in (held, free):
        api.patch(f"leads/{lead_id}", {"status_id": 142})
    api.patch(f"leads/{held}", {"custom_fields_values": [value(SOURCE, "Звонок")]})

    world.clock.advance(30)
    world.deliver()

    assert [lead["created_by"] for lead in leads(api)].count(0) == 1


def test_every_pipeline_may_have_its_own_robot(api, world):
    robot(world)
    world.amocrm.trigger(domain=DOMAIN, on_pipeline=REPEAT, pipeline_id=SALES, stage_id=8101)
    first, second = api.lead(), api.lead(pipeline_id=REPEAT)
    for lead_id in (first, second):
        api.patch(f"leads/{lead_id}", {"status_id": 142})

    world.deliver()

    made = [lead for lead in leads(api) if lead["created_by"] == 0]
    assert sorted(lead["pipeline_id"] for lead in made) == [SALES, REPEAT]


# Copies, the trash, merged contacts


def test_copy_carries_the_fields_and_is_a_lead_of_the_person_who_copied(api, world, receiver, quiet):
    lead_id = with_person(api, api.contact(), price=5, custom_fields_values=[value(KEY, "k")])
    quiet()

    copy = world.amocrm.ui_copy(DOMAIN, SELLER, lead_id)
    world.deliver()

    assert (copy["price"], copy["created_by"]) == (5, SELLER)
    assert copy["custom_fields_values"][0]["values"][0]["value"] == "k"
    assert copy["_embedded"]["contacts"] == api_contacts(api, lead_id)
    assert receiver.keys() == ["leads[add]"]


def api_contacts(api, lead_id):
    found = api.get(f"leads/{lead_id}", **{"with": "contacts"}).json()
    return [{"id": one["id"], "is_main": one["is_main"]} for one in found["_embedded"]["contacts"]]


def test_changing_the_copy_leaves_the_original_alone(api, world):
    lead_id = api.lead(custom_fields_values=[value(KEY, "k")])
    copy = world.amocrm.ui_copy(DOMAIN, SELLER, lead_id)

    api.patch(f"leads/{copy['id']}", {"custom_fields_values": [{"field_id": KEY, "values": None}]})

    original = api.get(f"leads/{lead_id}").json()
    assert original["custom_fields_values"][0]["values"][0]["value"] == "k"


def test_lead_comes_back_from_the_trash_with_its_contact(api, world, receiver, quiet):
    contact_id = api.contact()
    lead_id = with_person(api, contact_id)
    world.amocrm.ui_delete(DOMAIN, SELLER, lead_id)
    quiet()

    world.amocrm.ui_restore(DOMAIN, SELLER, lead_id)
    world.deliver()

    assert [lead["id"] for lead in leads(api)] == [lead_id]
    assert [one["id"] for one in api_contacts(api, lead_id)] == [contact_id]
    assert receiver.keys() == ["leads[restore]"]


def test_merged_contacts_are_one_with_all_phones_and_all_leads(api, world):
    kept, gone = api.contact("+79990000001"), api.contact("+79990000002")
    first, second = with_person(api, kept), with_person(api, gone)

    merged = world.amocrm.ui_merge_contacts(DOMAIN, SELLER, gone, kept)

    phones = [one["value"] for row in merged["custom_fields_values"] for one in row["values"]]
    assert phones == ["+79990000001", "+79990000002"]
    assert sorted(merged["leads"]) == [first, second]
    assert [one["id"] for one in api_contacts(api, second)] == [kept]
    assert api.get(f"contacts/{gone}").status_code == 204


def test_hooks_of_a_merge_tell_of_the_contacts_and_of_no_lead(api, world, receiver, quiet):
    kept, gone = api.contact("+79990000001"), api.contact("+79990000002")
    lead_id = with_person(api, gone)
    quiet()

    world.amocrm.ui_merge_contacts(DOMAIN, SELLER, gone, kept)
    world.deliver()

    assert receiver.keys() == ["contacts[delete]", "contacts[update]"]
    assert receiver.bodies[0]["contacts[delete][0][id]"] == str(gone)
    assert receiver.bodies[1][f"contacts[update][0][linked_leads_id][{lead_id}][ID]"] == str(lead_id)
    assert api.get("events", **{"filter[type]": "entity_merged"}).status_code == 200


def test_another_contact_takes_the_place_of_the_first(api, world):
    first, second = api.contact("+79990000001"), api.contact("+79990000002")
    lead_id = with_person(api, first)

    world.amocrm.ui_link_contact(DOMAIN, SELLER, lead_id, second)

    assert api_contacts(api, lead_id) == [{"id": second, "is_main": True}]


# «Неразобранное»


@pytest.fixture
def incoming(world, quiet, api):
    """A lead that a form of the site has brought."""
    quiet()
    return world.amocrm.ui_incoming(
        DOMAIN, "Заявка с сайта", {"name": "Иван", "phone": "+79990000009"}, pipeline_id=SALES
    )


def test_incoming_lead_stands_in_the_stage_of_type_one(api, incoming):
    found = api.get(f"leads/{incoming['id']}").json()
    statuses = api.get(f"leads/pipelines/{SALES}/statuses").json()["_embedded"]["statuses"]

    kinds = {status["id"]: status["type"] for status in statuses}
    assert kinds[found["status_id"]] == 1
    assert found["created_by"] == 0


def test_contact_of_an_incoming_lead_is_not_listed_until_it_is_accepted(api, world, incoming):
    before = api.get("contacts").status_code

    world.amocrm.ui_accept(DOMAIN, SELLER, incoming["uid"], 8101)

    assert before == 204
    assert [one["name"] for one in api.get("contacts").json()["_embedded"]["contacts"]] == ["Иван"]
    assert api.get(f"leads/{incoming['id']}").json()["status_id"] == 8101


def test_incoming_lead_is_told_by_its_own_hook_alone(world, receiver, incoming):
    world.deliver()

    (body,) = receiver.bodies
    assert receiver.keys() == ["unsorted[add]"]
    assert body["unsorted[add][0][data][leads][0][id]"] == str(incoming["id"])
    assert body["unsorted[add][0][category]"] == "forms"


def test_acceptance_is_told_with_what_became_of_it(world, receiver, incoming, quiet):
    quiet()
    world.amocrm.ui_accept(DOMAIN, SELLER, incoming["uid"], 8101)

    world.deliver()

    body = receiver.bodies[0]
    assert receiver.keys()[0] == "unsorted[delete]"
    assert body["unsorted[delete][0][action]"] == "accept"
    assert body["unsorted[delete][0][accept_result][leads][0]"] == str(incoming["id"])
    assert receiver.keys().count("contacts[add]") == 1


def test_program_may_accept_an_incoming_lead(api, incoming):
    (shown,) = api.get("leads/unsorted").json()["_embedded"]["unsorted"]

    answer = api.post(f"leads/unsorted/{shown['uid']}/accept", {"user_id": ADMIN, "status_id": 8102})

    assert answer.status_code == 200
    assert answer.json()["_embedded"]["leads"][0]["id"] == incoming["id"]
    assert api.get(f"leads/{incoming['id']}").json()["status_id"] == 8102
    assert api.get(f"leads/unsorted/{shown['uid']}").status_code == 404


def test_program_cannot_accept_into_a_stage_that_is_not_there(api, incoming):
    answer = api.post(f"leads/unsorted/{incoming['uid']}/accept", {"user_id": ADMIN, "status_id": 999})

    assert answer.status_code == 400
    assert api.get("leads/unsorted").status_code == 200


def test_declined_lead_goes_to_the_trash(api, world, incoming):
    answer = api.delete(f"leads/unsorted/{incoming['uid']}/decline", {"user_id": ADMIN})

    assert answer.status_code == 200
    assert leads(api) == []
    assert [lead["id"] for lead in world.amocrm.state(DOMAIN)["deleted_leads"]] == [incoming["id"]]


def test_incoming_lead_of_a_known_person_joins_the_contact(api, world):
    contact_id = api.contact()

    lead = world.amocrm.ui_incoming(DOMAIN, "Заявка", {"id": contact_id}, pipeline_id=REPEAT)

    assert [one["id"] for one in lead["_embedded"]["contacts"]] == [contact_id]
    assert api.get(f"contacts/{contact_id}").json()["is_unsorted"] is False


# Names and people of the account


def test_renamed_stage_and_pipeline_keep_their_numbers(api, world):
    world.amocrm.ui_rename_stage(DOMAIN, SALES, 8101, "Придёт")
    world.amocrm.ui_rename_pipeline(DOMAIN, SALES, "Визиты")

    pipeline = api.get(f"leads/pipelines/{SALES}").json()
    assert pipeline["name"] == "Визиты"
    assert {one["id"]: one["name"] for one in pipeline["_embedded"]["statuses"]}[8101] == "Придёт"


def test_leads_of_a_dismissed_user_go_to_the_heir(api, world):
    lead_id = api.lead(responsible_user_id=SELLER)

    world.amocrm.ui_dismiss(DOMAIN, SELLER, ADMIN)

    assert api.get(f"leads/{lead_id}").json()["responsible_user_id"] == ADMIN
    assert api.get(f"users/{SELLER}").json()["rights"]["is_active"] is False


def test_user_who_was_removed_cannot_become_responsible(api, world):
    world.amocrm.ui_dismiss(DOMAIN, SELLER, ADMIN, is_removed=True)

    answer = api.post("leads", [{"name": "Новая", "responsible_user_id": SELLER}])

    assert answer.status_code == 400
    assert answer.json()["validation-errors"][0]["errors"][0]["code"] == "NotSupportedChoice"


def test_salesbot_moves_a_lead_after_a_while_as_a_robot(api, world, receiver, quiet):
    lead_id = api.lead()
    quiet()
    world.amocrm.ui_salesbot(DOMAIN, lead_id, 8102, delay=1)

    world.clock.advance(1)
    world.deliver()

    assert api.get(f"leads/{lead_id}").json()["status_id"] == 8102
    assert receiver.bodies[0]["leads[status][0][modified_user_id]"] == "0"


def test_card_is_found_by_the_value_of_a_field(api, world):
    lead_id = api.lead(custom_fields_values=[value(KEY, "k1")])
    contact_id = api.contact("+79990000007")
    world.amocrm.find(DOMAIN).fields["leads"][KEY].code = "CODE"

    leads_found = world.amocrm.find_by(DOMAIN, "leads", "CODE", "k1")
    people = world.amocrm.find_by(DOMAIN, "contacts", "PHONE", "+79990000007")

    assert [lead["id"] for lead in leads_found] == [lead_id]
    assert [person["id"] for person in people] == [contact_id]
    assert world.amocrm.find_by(DOMAIN, "leads", "NO_SUCH", "k1") == []
