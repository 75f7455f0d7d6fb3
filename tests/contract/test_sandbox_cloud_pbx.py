"""The emulated cloud PBX keeps to its own description, and an independent client of it gets along."""

import hashlib
import hmac
import json
import random
import wave
from io import BytesIO

import pytest
import requests

from sandbox.clock import Clock
from sandbox.cloud_pbx.app import create_app
from sandbox.cloud_pbx.office import Office
from sandbox.sender import Sender
from tests.support.wsgi_adapter import WsgiAdapter

HOME, HOOK = "https://cloud.test", "https://us.test/hook"
KEY, SIGNING = "customer-key", "signing-key"
CLIENT, NUMBER = "79990001122", "74951000005"


class Pbx:
    """The office, its HTTP, and every notice that arrived."""

    def __init__(self):
        self.sent, self.statuses = [], []
        self.clock = Clock()
        self.sender = Sender(self.clock, random.Random(1), self._receive)
        self.office = Office(self.clock, self.sender, address=HOME, key=KEY, signing=SIGNING)
        self.office.furnish({"101": "Анна", "102": "Ольга"}, {NUMBER: "Москва"})
        self.session = requests.Session()
        self.session.mount(HOME, WsgiAdapter(create_app(self.office)))

    def _receive(self, url, body, headers, timeout):
        assert (url, timeout) == (HOOK, 5.0)
        self.sent.append((body, headers))
        return self.statuses.pop(0) if self.statuses else 200

    def call(self, method, path, key=KEY, **more):
        return self.session.request(method, HOME + path, headers={"Authorization": f"Bearer {key}"}, **more)

    def heard(self):
        """What arrived until now, in the order of arrival."""
        self.sender.deliver()
        return [json.loads(body) for body, _ in self.sent]

    def events(self):
        return [notice["event"].removeprefix("call.") for notice in self.heard()]


@pytest.fixture
def pbx():
    made = Pbx()
    assert made.call("PUT", "/v1/webhook", json={"url": HOOK}).status_code == 200
    return made


def dial(pbx, **changes):
    order = {"extension": "101", "number": CLIENT, "request_id": "r-1", **changes}
    return pbx.call("POST", "/v1/calls", json=order)


@pytest.mark.parametrize("path", ["/v1/account", "/v1/events", "/v1/recordings/c-1-1.wav"])
def test_without_the_key_nothing_is_told(pbx, path):
    assert pbx.call("GET", path, key="guessed").status_code == 401
    assert pbx.session.get(HOME + path).status_code == 401


def test_account_says_what_there_is(pbx):
    told = pbx.call("GET", "/v1/account").json()
    assert told["webhook"] == HOOK
    assert {one["extension"]: one["title"] for one in told["extensions"]} == {"101": "Анна", "102": "Ольга"}
    assert told["numbers"] == [{"number": NUMBER, "title": "Москва"}]


def test_course_of_an_answered_call(pbx):
    call = pbx.office.arrive(CLIENT, NUMBER).ring("101", "102")
    call.answer("102").leave("102").ring("101").answer("101")
    call.record().hang_up("employee")
    assert pbx.events() == [
        "started", "ringing", "ringing", "answered", "left", "ringing", "answered", "recorded", "ended"
    ]  # fmt: skip
    for notice in pbx.heard():
        assert {"event_id", "event", "call_id", "at", "direction", "client", "number"} <= set(notice)
        assert (notice["client"], notice["number"], notice["direction"]) == (CLIENT, NUMBER, "in")
    last = pbx.heard()[-1]
    assert (last["result"], last["ended_by"]) == ("answered", "employee")


def test_hidden_number_is_called_anonymous(pbx):
    pbx.office.arrive("", NUMBER)
    assert pbx.heard()[0]["client"] == "anonymous"


def test_notices_are_signed_by_their_body(pbx):
    pbx.office.arrive(CLIENT, NUMBER)
    pbx.sender.deliver()
    ((body, headers),) = pbx.sent
    expected = hmac.new(SIGNING.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={expected}"
    assert headers["Content-Type"] == "application/json"


def test_refused_notice_comes_again_after_1_5_30_120_and_600_seconds(pbx):
    pbx.statuses = [500] * 6
    pbx.office.arrive(CLIENT, NUMBER)
    pauses, last = [], 0
    for second in range(800):
        before = len(pbx.sent)
        pbx.sender.deliver()
        if len(pbx.sent) > before and second:
            pauses.append(second - last)
        last = second if len(pbx.sent) > before else last
        pbx.clock.advance(1)
    assert len(pbx.sent) == 6
    assert all(0 <= pause - wanted <= 1 for pause, wanted in zip(pauses, (1, 5, 30, 120, 600), strict=True))
    assert len({body for body, _ in pbx.sent}) == 1


def test_click_rings_the_extension_first(pbx):
    made = dial(pbx)
    assert made.status_code == 202
    call = pbx.office.calls[made.json()["call_id"]]
    assert pbx.events() == ["started", "ringing"]
    assert pbx.heard()[1]["extension"] == "101"
    call.dial().answer()
    call.hang_up("client")
    assert pbx.events()[2:] == ["dialling", "answered", "ended"]
    assert {notice["request_id"] for notice in pbx.heard()} == {"r-1"}


def test_click_asked_twice_is_one_call(pbx):
    assert dial(pbx).json() == dial(pbx).json()
    assert len(pbx.office.calls) == 1


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"extension": "999"}, 404, "unknown_extension"),
        ({"number": "88095550000"}, 403, "forbidden_number"),
        ({"number": "not-a-number"}, 422, "malformed"),
        ({"number": ""}, 422, "malformed"),
    ],
)
def test_click_that_is_refused(pbx, changes, status, error):
    answer = dial(pbx, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert pbx.office.calls == {}


def test_click_of_a_phone_that_is_busy_or_away(pbx):
    dial(pbx, request_id="first")
    assert dial(pbx, request_id="second").json()["error"] == "extension_busy"
    pbx.office.phones["102"].is_online = False
    assert dial(pbx, extension="102").json()["error"] == "extension_offline"
    (call,) = pbx.office.calls.values()
    call.hang_up()
    assert dial(pbx, request_id="third").status_code == 202


def test_recording_is_there_when_it_is_written(pbx):
    call = pbx.office.arrive(CLIENT, NUMBER).record(2, ready_in=10)
    path = call.recordings[0].removeprefix(HOME)
    assert pbx.call("GET", path).status_code == 404
    pbx.clock.advance(11)
    answer = pbx.call("GET", path)
    assert answer.headers["Content-Type"] == "audio/wav"
    with wave.open(BytesIO(answer.content)) as sound:
        assert sound.getnframes() / sound.getframerate() == 2


def test_history_comes_in_portions_and_from_a_moment(pbx):
    call = pbx.office.arrive(CLIENT, NUMBER).ring("101")
    pbx.clock.advance(10)
    call.hang_up()
    pbx.clock.advance(3600)
    since = pbx.heard()[-1]["at"]
    pbx.office.arrive(CLIENT, NUMBER).hang_up()
    whole = pbx.call("GET", "/v1/events").json()["events"]
    assert [one["event_id"] for one in whole] == [one["event_id"] for one in pbx.heard()]
    assert len(pbx.call("GET", "/v1/events", params={"since": since}).json()["events"]) == 3
    found, cursor = [], ""
    while True:
        portion = pbx.call("GET", "/v1/events", params={"limit": 2, "after": cursor}).json()
        found += portion["events"]
        cursor = portion["next"]
        if not cursor:
            break
    assert found == whole


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/v1/nowhere", None), ("DELETE", "/v1/account", None), ("GET", "/v1/recordings/../../x", None)],
)
def test_what_is_not_there(pbx, method, path, body):
    assert pbx.call(method, path, json=body).status_code == 404


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"extension": "101"}'])
def test_what_cannot_be_read(pbx, body):
    answer = pbx.session.post(f"{HOME}/v1/calls", data=body, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 422


def test_outage_of_the_pbx(pbx):
    pbx.office.failing = 1
    assert pbx.call("GET", "/v1/account").status_code == 500
    assert pbx.call("GET", "/v1/account").status_code == 200


def test_people_on_the_phones_are_played_through_the_control(pbx):
    def do(path, **told):
        return pbx.session.post(f"{HOME}/__control/{path}", json=told)

    call_id = do("arrive", client=CLIENT, number=NUMBER).json()["call_id"]
    do(f"{call_id}/ring", extensions=["101"])
    do(f"{call_id}/answer", extension="101")
    do(f"{call_id}/record", seconds=1)
    do(f"{call_id}/leave", extension="101")
    do(f"{call_id}/hang_up", by="client")
    assert pbx.events() == ["started", "ringing", "answered", "recorded", "left", "ended"]
    assert do("calls").json() == {"calls": [{"id": call_id, "is_over": True}]}
    assert do(f"{call_id}/sing").status_code == 404
    assert do(f"{call_id}/dial", extension="101").status_code == 200


def test_calls_by_hand_and_among_ourselves(pbx):
    pbx.office.leave_for("101", CLIENT, NUMBER).answer().hang_up()
    pbx.office.among("101", "102").answer("102").hang_up("employee")
    assert [notice["direction"] for notice in pbx.heard()] == ["out"] * 3 + ["internal"] * 4
