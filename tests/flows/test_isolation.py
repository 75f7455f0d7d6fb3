"""A secret opens one door: no salon and no account can speak for another."""

import json

import pytest

from backend.store import accounts, alarms, connections, events
from tests.support.stand import CLIENT, LASER_ARMPITS, TVERSKAYA, URAL

NEIGHBOUR = "sosed.amocrm.ru"


@pytest.fixture
def door(stand):
    """Posts a body to a path of ours; answers the status."""

    def post(path, body):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        status = stand.app.test_client().post(path, data=raw).status_code
        stand.work()
        return status

    return post


@pytest.fixture
def neighbour(stand):
    """Another customer of ours, with an account and a booking system of their own."""
    stand.world.amocrm.account(
        NEIGHBOUR, id=30000002, users=[{"id": 7100001, "name": "Сосед", "is_admin": True}]
    )
    assert stand.world.amocrm.install(NEIGHBOUR, CLIENT, "server")["status"] == 200
    stand.work()
    return accounts.by_domain(NEIGHBOUR)


def stored(account_id):
    return [e for e in events.page(account_id, events.Filters(), limit=100) if e.source == "yclients"]


def hook_path(stand, company):
    return f"/hooks/yclients/{connections.get(stand.account.id, company).hook_secret}"


@pytest.mark.parametrize("secret", ["", "0", "a" * 43, "../admin", "%00"])
def test_a_forged_secret_finds_no_door(stand, door, caught_hooks, secret):
    stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()

    status = door(f"/hooks/yclients/{secret}", hook)

    assert status == 404
    assert stored(stand.account.id) == []


def test_an_unknown_booking_system_finds_no_door(stand, door, caught_hooks):
    stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()

    status = door(hook_path(stand, TVERSKAYA).replace("yclients", "altegio"), hook)

    assert status == 404
    assert stored(stand.account.id) == []


def test_a_salon_cannot_speak_for_another_salon(stand, door, caught_hooks):
    stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()

    status = door(hook_path(stand, URAL), hook)
    stand.settle()

    (alarm,) = alarms.open_alarms(stand.account.id)
    assert status == 403
    assert stored(stand.account.id) == []
    assert stand.leads() == []
    assert (alarm.code, alarm.scope_key) == ("hooks.foreign_branch", str(URAL))


def test_one_foreign_event_in_an_array_refuses_the_whole_body(stand, door, caught_hooks):
    stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()
    foreign = {**hook, "company_id": URAL}

    status = door(hook_path(stand, TVERSKAYA), [hook, foreign])

    assert status == 403
    assert stored(stand.account.id) == []


def test_an_account_cannot_speak_for_another_account(stand, neighbour, door):
    news = b"account[id]=30000001&leads[delete][0][id]=1"

    status = door(f"/hooks/amocrm/{neighbour.hook_secret}", news)

    assert status == 403


def test_the_secret_of_one_system_does_not_open_the_door_of_the_other(stand, door):
    branch = connections.get(stand.account.id, TVERSKAYA)

    statuses = [
        door(f"/hooks/amocrm/{branch.hook_secret}", b"account[id]=30000001"),
        door(f"/hooks/yclients/{stand.account.hook_secret}", {}),
    ]

    assert statuses == [404, 404]


def test_people_and_leads_of_a_neighbour_are_never_seen(stand, neighbour):
    stand.world.amocrm.ui_lead(
        NEIGHBOUR, user_id=7100001, name="Чужая заявка", contact={"name": "Мария", "phone": "+79990000001"}
    )
    stand.work()
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))

    stand.settle()

    theirs = stand.world.amocrm.state(NEIGHBOUR)
    assert [lead["name"] for lead in theirs["leads"]] == ["Чужая заявка"]
    assert len(stand.contacts()) == 1
    assert stand.reason(record) == "created"


def test_a_neighbours_goodbye_leaves_us_connected(stand, neighbour):
    stand.world.amocrm.uninstall(NEIGHBOUR, CLIENT)
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert accounts.by_domain(NEIGHBOUR).state == "removed"
    assert stand.lead_of(record)["status_id"] == 8101
