"""How webhooks travel: delay, copies, arrays, disorder, loss, retries; chances come from the world's seed."""

import json

import pytest

from sandbox.world import World
from tests.support.yclients import LASER, SALON, STAFF, Raw, Salon

HOOK = "https://sync.example.test/yc/one"


@pytest.fixture
def salon():
    made = Salon()
    made.yclients.hooks_url(SALON, [HOOK])
    return made


def test_nothing_arrives_before_its_delay(salon):
    salon.yclients.hooks(delay=5)
    salon.book()

    early = salon.deliver()
    pending = salon.yclients.hooks_pending()
    salon.world.clock.advance(6)

    assert early == []
    assert [hook["event"]["resource"] for hook in pending] == ["record", "client"]
    assert len(salon.deliver()) == 2


def test_a_flush_does_not_wait(salon):
    salon.yclients.hooks(delay=3600)
    salon.book()

    assert salon.yclients.hooks_flush() == {"sent": 2}
    assert len(salon.sent) == 2


def test_copies_are_identical(salon):
    salon.yclients.hooks(duplicate=4)
    for minute in range(20):
        salon.book(clock=f"10:{minute:02d}", client=None)

    salon.deliver()

    bodies = [json.dumps(body) for _url, body in salon.sent]
    copies = {bodies.count(body) for body in bodies}
    assert copies == {1, 2, 3, 4}


def test_events_of_one_deed_travel_in_one_array(salon):
    salon.yclients.hooks(array=1.0)
    salon.book()

    salon.deliver()

    assert [type(body) for _url, body in salon.sent] == [list]
    assert [event["resource"] for event in salon.sent[0][1]] == ["record", "client"]


def test_order_is_lost_within_the_window(salon):
    salon.yclients.hooks(shuffle=30)
    made = [salon.book(clock=f"10:{minute:02d}", client=None)["id"] for minute in range(20)]
    salon.world.clock.advance(31)

    arrived = [event["resource_id"] for event in salon.deliver()]

    assert sorted(arrived) == made
    assert arrived != made


def test_losses_follow_the_probability(salon):
    salon.yclients.hooks(loss=0.5)
    for minute in range(40):
        salon.book(clock=f"10:{minute:02d}", client=None)

    assert 10 < len(salon.deliver()) < 30


@pytest.mark.parametrize("status", [500, 503, 429, 0])
def test_failures_are_tried_twice_more(salon, status):
    salon.statuses[:] = [status] * 5
    salon.book(client=None)

    times = [len(salon.deliver())]
    for _ in range(3):
        salon.world.clock.advance(2)
        times.append(len(salon.deliver()))

    assert times == [1, 1, 1, 0]


@pytest.mark.parametrize(("retry", "status"), [("twice", 404), ("twice", 301), ("none", 500)])
def test_some_answers_end_the_matter(salon, retry, status):
    salon.yclients.hooks(retry=retry)
    salon.statuses[:] = [status] * 5
    salon.book(client=None)

    first = len(salon.deliver())
    salon.world.clock.advance(60)

    assert (first, salon.deliver()) == (1, [])


def test_every_address_of_the_salon_is_told(salon):
    salon.yclients.hooks_url(SALON, [HOOK, f"{HOOK}/two"])
    salon.yclients.owner_connect(SALON, 5001, "partner-token")
    body = {"salon_id": SALON, "application_id": 5001, "webhook_urls": [f"{HOOK}/market"]}
    Raw(salon.session, user="").call("POST", "/marketplace/partner/callback", prefix="", json=body)

    salon.book(client=None)
    salon.deliver()

    assert [url for url, _body in salon.sent] == [HOOK, f"{HOOK}/two", f"{HOOK}/market"]


def test_an_event_shows_the_record_as_it_was_then(salon):
    record = salon.book(client=None)
    salon.yclients.ui_attendance(SALON, record["id"], 2)

    told = [(event["status"], event["data"]["attendance"]) for event in salon.deliver()]

    assert told == [("create", 0), ("update", 2)]


def test_a_merge_moves_records_without_a_word(salon):
    first = salon.book()
    second = salon.book(clock="12:00", client={"name": "Мария П.", "phone": ""})
    salon.deliver()

    salon.yclients.ui_merge_clients(SALON, second["client"]["id"], first["client"]["id"])

    told = [(event["resource"], event["status"]) for event in salon.deliver()]
    moved = salon.api.data(f"/record/{SALON}/{second['id']}")
    assert told == [("client", "delete"), ("client", "update")]
    assert moved["client"]["id"] == first["client"]["id"]


def test_the_same_seed_gives_the_same_chances():
    def arrivals():
        sent = []
        world = World(
            seed=3, post=lambda _url, body, _headers, _timeout: sent.append(json.loads(body)) or 200
        )
        salon = world.yclients
        salon.company(SALON, services=[{"id": LASER, "category_id": 1, "title": "Л", "price": 1}])
        salon.hooks_url(SALON, [HOOK])
        salon.hooks(delay=0, loss=0.3, duplicate=4)
        for minute in range(20):
            salon.ui_create(
                SALON, staff_id=STAFF, services=[], client=None, datetime=f"2026-12-01 10:{minute:02d}"
            )
        world.deliver()
        return [body["resource_id"] for body in sent]

    assert arrivals() == arrivals()


@pytest.mark.parametrize(
    ("kind", "status", "success"),
    [("500", 500, False), ("429", 429, False), ("401", 401, False), ("success_false", 200, False)],
)
def test_ordered_faults_strike_so_many_times(salon, kind, status, success):
    salon.yclients.faults(kind, next=1, match="/records/", company_id=SALON)

    struck = salon.api.get(f"/records/{SALON}")

    assert (struck.status_code, struck.json()["success"]) == (status, success)
    assert salon.api.get(f"/records/{SALON}").status_code == 200


def test_the_journal_tells_who_asked_for_what(salon):
    salon.api.get(f"/records/{SALON}", count=5)
    Raw(salon.session, user="").get(f"/records/{SALON}")

    rows = salon.yclients.journal(company_id=SALON)

    assert [(row["method"], row["path"], row["query"], row["status"]) for row in rows] == [
        ("GET", f"/api/v1/records/{SALON}", "count=5", 200),
        ("GET", f"/api/v1/records/{SALON}", "", 401),
    ]
    assert [row["author"] is not None for row in rows] == [True, False]


def test_the_control_interface_is_the_same_over_http(salon):
    def control(method, verb, **more):
        return salon.api.call(method, f"/{verb}", prefix="/__control", **more)

    booking = {"company_id": SALON, "staff_id": STAFF, "services": [{"id": LASER}], "client": None}

    made = control("POST", "ui/create", json={**booking, "datetime": "2026-12-01 10:00:00"}).json()
    pending = control("GET", "hooks/pending").json()
    moved = control("POST", "clock", json={"advance": 3600}).json()

    assert pending[0]["event"]["resource_id"] == made["id"]
    assert moved["offset"] == salon.world.clock.offset == 3600
    assert [record["id"] for record in control("GET", "state").json()["records"]] == [made["id"]]
    assert control("POST", "nonsense", json={}).status_code == 404
    assert control("POST", "hooks", json={"colour": 1}).status_code == 400


def test_the_owners_redirect_is_signed_over_the_decoded_json(salon):
    import base64
    import hashlib
    import hmac

    right = salon.yclients.owner_connect(SALON, 5001, "testpartnertoken0001")
    wrong = salon.yclients.owner_connect(SALON, 5001, "testpartnertoken0001", broken=True)

    raw = base64.b64decode(right["user_data"])
    sign = hmac.new(b"testpartnertoken0001", raw, hashlib.sha256).hexdigest()
    assert right["user_data_sign"] == sign != wrong["user_data_sign"]


def test_the_marketplace_keeps_its_state(salon):
    market = Raw(salon.session, user="")
    path = f"/marketplace/salon/{SALON}/application/5001"
    body = {"salon_id": SALON, "application_id": 5001, "webhook_urls": [HOOK]}
    salon.yclients.owner_connect(SALON, 5001, "partner-token")

    first = market.call("POST", "/marketplace/partner/callback", prefix="", json=body)
    again = market.call("POST", "/marketplace/partner/callback", prefix="", json=body)
    state = market.call("GET", path, prefix="").json()["data"]

    assert (first.status_code, again.status_code) == (201, 403)
    assert state["connection_status"]["status"] == "active"
    assert [step["status_to"] for step in state["logs"]] == ["pending", "active"]
    assert market.call("POST", "/marketplace/partner/callback", prefix="", json={}).status_code == 422


def test_the_reference_network_holds_every_oddity():
    world = World(seed=1)
    world.yclients.limits(on=False)
    world.yclients.seed_reference()
    store = world.yclients.store

    records = list(store.records.values())

    assert (len(records) >= 2000, len(store.clients) >= 300) == (True, True)
    assert {record.attendance for record in records} == {-1, 0, 1, 2}
    assert any(record.deleted for record in records)
    assert any(not record.client_id for record in records)
    assert any(not record.lines for record in records)
    assert any(len(set(store.visits[record.visit_id])) > 1 for record in records)
    assert {company.timezone_name for company in store.companies.values()} == {
        "Europe/Moscow",
        "Asia/Yekaterinburg",
    }
