"""Account webhooks of the emulator against chapter 5 of the amoCRM reference."""

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    DOMAIN,
    EXACT,
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
    *("add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "note_lead"),
    *("add_contact", "update_contact", "delete_contact", "responsible_contact"),
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
def lead_id(api, world, receiver):
    """A lead whose hooks have been delivered already."""
    lead_id = api.lead(name="Лид & Ко")
    world.deliver()
    receiver.bodies.clear()
    return lead_id


def test_new_lead_arrives_as_a_form_of_strings(api, world, receiver):
    fields = [value(KEY, "k"), value(SOURCE, "Звонок"), value(EXACT, 1767571200)]
    lead_id = api.lead(name="Лид & Ко", price=5, custom_fields_values=fields, tags_to_add=[{"name": "vip"}])

    world.deliver()

    [body] = receiver.bodies
    assert (receiver.url, receiver.timeout) == (URL, 2.0)
    assert receiver.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert body["account[subdomain]"] == "one"
    assert body["account[id]"] == "30000001"
    assert body["account[_links][self]"] == f"https://{DOMAIN}"
    lead = {key.removeprefix("leads[add][0]"): found for key, found in body.items()}
    assert (lead["[id]"], lead["[name]"], lead["[price]"]) == (str(lead_id), "Лид & Ко", "5")
    assert (lead["[status_id]"], lead["[pipeline_id]"]) == ("8101", str(SALES))
    assert lead["[tags][0][name]"] == "vip"
    assert lead["[custom_fields][0][values][0][value]"] == "k"
    assert lead["[custom_fields][1][values][0][enum]"] == "12"
    assert lead["[custom_fields][2][values][0]"] == "1767571200"
    assert lead["[created_user_id]"] == str(ADMIN)


def test_moved_lead_says_where_it_was(api, world, receiver, lead_id):
    api.patch(f"leads/{lead_id}", {"status_id": 8201, "pipeline_id": REPEAT})

    world.deliver()

    moved = receiver.bodies[0]
    assert receiver.keys() == ["leads[status]", "leads[update]"]
    assert moved["leads[status][0][old_status_id]"] == "8101"
    assert moved["leads[status][0][old_pipeline_id]"] == str(SALES)


def test_stage_of_the_same_pipeline_has_no_old_pipeline(api, world, receiver, lead_id):
    api.patch(f"leads/{lead_id}", {"status_id": 8102})

    world.deliver()

    assert "leads[status][0][old_pipeline_id]" not in receiver.bodies[0]


def test_people_are_heard_as_programs_are(world, receiver, lead_id):
    where = {"domain": DOMAIN, "user_id": SELLER, "lead_id": lead_id}
    world.amocrm.ui_edit(**where, responsible_user_id=SELLER)
    world.amocrm.ui_delete(**where)

    world.deliver()

    assert receiver.keys() == ["leads[responsible]", "leads[update]", "leads[delete]"]
    assert receiver.bodies[0]["leads[responsible][0][old_responsible_user_id]"] == str(ADMIN)
    assert receiver.bodies[1]["leads[update][0][modified_user_id]"] == str(SELLER)
    gone = {key for key in receiver.bodies[2] if key.startswith("leads")}
    assert gone == {f"leads[delete][0][{key}]" for key in ("id", "status_id", "pipeline_id")}


def test_contact_hooks_name_the_type_and_the_leads(api, world, receiver):
    person = world.amocrm.ui_contact(domain=DOMAIN, user_id=ADMIN, name="Иван", phones=["+79990000001"])
    lead_id = api.lead(_embedded={"contacts": [{"id": person["id"]}]})
    api.patch(f"contacts/{person['id']}", {"name": "Олег", "responsible_user_id": SELLER})
    world.amocrm.ui_delete_contact(domain=DOMAIN, user_id=ADMIN, contact_id=person["id"])

    world.deliver()

    assert receiver.keys() == [
        *("contacts[add]", "leads[add]", "contacts[responsible]", "contacts[update]", "contacts[delete]")
    ]
    added, changed = receiver.bodies[0], receiver.bodies[3]
    assert added["contacts[add][0][type]"] == "contact"
    assert added["contacts[add][0][custom_fields][0][code]"] == "PHONE"
    assert added["contacts[add][0][custom_fields][0][values][0][value]"] == "+79990000001"
    assert changed[f"contacts[update][0][linked_leads_id][{lead_id}][ID]"] == str(lead_id)


def test_note_is_nested_twice(api, world, receiver, lead_id):
    api.post(f"leads/{lead_id}/notes", [{"note_type": "common", "params": {"text": "привет"}}])

    world.deliver()

    assert receiver.bodies[0]["leads[note][0][note][text]"] == "привет"
    assert receiver.bodies[0]["leads[note][0][note][element_type]"] == "2"


def test_only_what_is_subscribed_is_sent(api, world, receiver):
    api.post("webhooks", {"destination": URL, "settings": ["delete_lead"]})
    lead_id = api.lead()
    api.contact()

    world.deliver()
    assert receiver.bodies == []

    world.amocrm.ui_delete(domain=DOMAIN, user_id=ADMIN, lead_id=lead_id)
    world.deliver()
    assert receiver.keys() == ["leads[delete]"]


def test_refused_batch_sends_nothing(api, world, receiver):
    api.post("leads", [{"name": "x"}, {"status_id": 143}])

    assert world.deliver() == 0


def attempts(world, receiver, steps):
    """How many deliveries there have been after each pause."""
    seen = []
    for seconds in steps:
        world.clock.advance(seconds)
        world.deliver()
        seen.append(len(receiver.bodies))
    return seen


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, [1, 1, 1, 1, 1, 1]),
        (302, [1, 2, 3, 3, 3, 3]),
        (404, [1, 2, 3, 3, 3, 3]),
        (500, [1, 2, 3, 4, 5, 5]),
        (499, [1, 2, 3, 4, 5, 5]),
        (0, [1, 2, 3, 4, 5, 5]),
    ],
)
def test_failed_deliveries_are_repeated_by_the_schedule(api, world, receiver, status, expected):
    receiver.status = status
    api.lead()

    assert attempts(world, receiver, [0, 300, 900, 900, 3600, 86400]) == expected


def test_no_attempt_comes_early(api, world, receiver):
    receiver.status = 500
    api.lead()

    assert attempts(world, receiver, [0, 299, 1, 899, 1, 899, 1, 3599, 1]) == [1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_more_than_a_hundred_invalid_answers_in_two_hours_switch_the_hook_off(api, world, receiver):
    receiver.status = 404
    api.post("leads", [{"name": "x"}] * 100)
    world.deliver()
    enabled = api.get("webhooks").json()["_embedded"]["webhooks"][0]

    api.lead()
    world.deliver()
    disabled = api.get("webhooks").json()["_embedded"]["webhooks"][0]

    assert (enabled["disabled"], disabled["disabled"]) == (False, True)
    world.amocrm.hooks_flush()
    world.deliver()
    sent = len(receiver.bodies)
    api.lead()
    world.amocrm.webhook_enable(domain=DOMAIN, webhook_id=disabled["id"])
    assert world.deliver() == 0
    api.lead()
    world.deliver()
    assert len(receiver.bodies) > sent


def test_invalid_answers_spread_over_more_than_two_hours_switch_nothing_off(api, world, receiver):
    receiver.status = 302
    for _ in range(3):
        api.post("leads", [{"name": "x"}] * 30)
        world.deliver()
        world.clock.advance(7300)

    assert api.get("webhooks").json()["_embedded"]["webhooks"][0]["disabled"] is False


def test_hooks_may_be_late(api, world, receiver):
    world.amocrm.hooks(delay=60)
    api.lead()

    world.deliver()
    assert receiver.bodies == []
    assert world.amocrm.hooks_pending()[0]["setting"] == "add_lead"

    world.clock.advance(60)
    world.deliver()
    assert len(receiver.bodies) == 1


def test_hooks_may_be_lost_repeated_and_shuffled(api, world, receiver):
    world.amocrm.hooks(loss=1.0)
    api.lead()
    assert world.deliver() == 0

    world.amocrm.hooks(loss=0.0, duplicate=4)
    api.post("leads", [{"name": "x"}] * 20)
    copies = world.deliver()
    assert 20 < copies <= 80

    world.amocrm.hooks(duplicate=1, shuffle=30)
    receiver.bodies.clear()
    api.post("leads", [{"name": str(n)} for n in range(10)])
    world.amocrm.hooks_flush()
    world.deliver()
    names = [body["leads[add][0][name]"] for body in receiver.bodies]
    assert sorted(names) == [str(n) for n in range(10)]


def test_shuffled_hooks_come_out_of_order(api, world, receiver):
    world.amocrm.hooks(shuffle=30)
    api.post("leads", [{"name": str(n)} for n in range(10)])

    world.clock.advance(30)
    world.deliver()

    names = [body["leads[add][0][name]"] for body in receiver.bodies]
    assert sorted(names) == [str(n) for n in range(10)]
    assert names != sorted(names)


def robot(world, **more):
    world.amocrm.trigger(domain=DOMAIN, on_pipeline=SALES, pipeline_id=REPEAT, stage_id=8201, **more)


def test_won_lead_makes_a_robot_open_the_next_one_for_the_same_person(api, world, receiver):
    robot(world, delay=60)
    contact_id = api.contact()
    lead_id = api.lead(name="Записан", _embedded={"contacts": [{"id": contact_id}]})
    api.patch(f"leads/{lead_id}", {"status_id": 142})

    assert len(api.get("leads").json()["_embedded"]["leads"]) == 1
    world.clock.advance(60)
    world.deliver()

    new = api.get("leads", **{"with": "contacts", "order[id]": "desc"}).json()["_embedded"]["leads"][0]
    assert (new["pipeline_id"], new["status_id"], new["created_by"]) == (REPEAT, 8201, 0)
    assert [contact["id"] for contact in new["_embedded"]["contacts"]] == [contact_id]
    assert receiver.bodies[-1]["leads[add][0][created_user_id]"] == "0"


def test_robot_watches_one_pipeline_and_only_the_moment_of_winning(api, world):
    robot(world, delay=0)
    other, won = api.lead(pipeline_id=REPEAT), api.lead()
    api.patch(f"leads/{other}", {"status_id": 142})
    api.patch(f"leads/{won}", {"status_id": 142})
    api.patch(f"leads/{won}", {"price": 5})
    world.deliver()

    leads = api.get("leads").json()["_embedded"]["leads"]
    assert [lead["created_by"] for lead in leads] == [ADMIN, ADMIN, 0]


def test_robot_listens_to_people_too(world, lead_id, api):
    robot(world, delay=0)

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=142)

    assert len(api.get("leads").json()["_embedded"]["leads"]) == 2
