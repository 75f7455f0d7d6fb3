"""One AMI connection as a conversation, without a socket and without a clock."""

import hashlib

import pytest

from backend.core.errors import NeedsHuman, TryLater
from backend.integrations.asterisk.session import ANSWER_SECONDS, PING_SECONDS, Session

GREETING = b"Asterisk Call Manager/5.0.4\r\n"


class Talk:
    """A session and what the PBX says to it."""

    def __init__(self, *, hears_events=True):
        self.now = 100.0
        self.session = Session("crm", "secret", self.now, hears_events=hears_events, wanted=[b"Hangup"])

    def say(self, *packets, after=0.0):
        self.now += after
        data = "".join("".join(f"{line}\r\n" for line in packet) + "\r\n" for packet in packets)
        return self.session.receive(data.encode(), self.now)

    def greet(self):
        return self.session.receive(GREETING, self.now)

    def sent(self):
        """Actions that were written since the last look."""
        blocks = bytes(self.session.output).decode().split("\r\n\r\n")[:-1]
        self.session.output.clear()
        return [dict(line.split(": ", 1) for line in block.split("\r\n")) for block in blocks]

    def log_in(self):
        self.greet()
        (asked,) = self.sent()
        self.say(["Response: Success", f"ActionID: {asked['ActionID']}", "Challenge: 1234"])
        (login,) = self.sent()
        self.say(["Response: Success", f"ActionID: {login['ActionID']}", "Message: Authentication accepted"])
        return login


@pytest.fixture
def talk():
    return Talk()


@pytest.fixture
def ready(talk):
    talk.log_in()
    return talk


def answered(ready, *more):
    """What an action is answered with: `ready.say` of it."""
    (asked,) = ready.sent()
    return ["Response: Success", f"ActionID: {asked['ActionID']}", *more]


def test_the_secret_is_never_sent(talk):
    login = talk.log_in()

    assert login["Key"] == hashlib.md5(b"1234secret", usedforsecurity=False).hexdigest()
    assert "secret" not in login.values()
    assert (login["Username"], login["AuthType"], login["Events"]) == ("crm", "MD5", "on")
    assert talk.session.is_ready


def test_the_second_connection_wants_no_events():
    assert Talk(hears_events=False).log_in()["Events"] == "off"


def test_a_wrong_password_is_for_a_person(talk):
    talk.greet()
    (asked,) = talk.sent()
    talk.say(["Response: Success", f"ActionID: {asked['ActionID']}", "Challenge: 1"])
    (login,) = talk.sent()

    with pytest.raises(NeedsHuman, match=r"pbx\.wrong_password"):
        talk.say(["Response: Error", f"ActionID: {login['ActionID']}", "Message: Authentication failed"])


@pytest.mark.parametrize("answer", [["Response: Error", "Message: Too busy"], ["Response: Success"]])
def test_a_login_refused_for_another_reason_is_tried_again(talk, answer):
    talk.greet()
    (asked,) = talk.sent()

    with pytest.raises(TryLater, match=r"pbx\.login_refused"):
        talk.say([*answer, f"ActionID: {asked['ActionID']}"])


def test_an_answer_finds_who_asked_and_events_go_on(ready):
    heard = []
    ready.session.ask([("Action", "CoreSettings")], heard.append)
    answer = answered(ready, "AsteriskVersion: 16.28.0")

    events = ready.say(["Event: Hangup", "Uniqueid: 1.1"], answer, ["Event: VarSet"], ["Response: Success"])

    assert [frame.name for frame in events] == ["Hangup"]
    assert [one.frame.get("AsteriskVersion") for one in heard] == ["16.28.0"]
    assert heard[0].is_good


def test_a_list_is_answered_when_it_is_complete(ready):
    heard = []
    ready.session.ask([("Action", "CoreShowChannels")], heard.append)
    start = answered(ready, "EventList: start")
    name = start[1]

    first = ready.say(start, ["Event: CoreShowChannel", name, "Channel: PJSIP/101-1"], ["Event: Hangup"])
    assert heard == []
    ready.say(["Event: CoreShowChannelsComplete", name, "EventList: Complete", "ListItems: 1"])

    assert [frame.name for frame in first] == ["Hangup"]
    assert [item.get("Channel") for item in heard[0].items] == ["PJSIP/101-1"]


def test_a_long_list_is_not_a_frozen_pbx_while_it_comes(ready):
    ready.session.ask([("Action", "CoreShowChannels")], lambda _: None)
    start = answered(ready, "EventList: start")
    ready.say(start)

    for _ in range(2):
        ready.say(["Event: CoreShowChannel", start[1]], after=ANSWER_SECONDS - 1)
        ready.session.look(ready.now)

    with pytest.raises(TryLater, match=r"pbx\.frozen"):
        ready.session.look(ready.now + ANSWER_SECONDS)


def test_an_event_with_the_id_of_a_question_that_is_not_answered_yet_is_an_event(ready):
    ready.session.ask([("Action", "Originate"), ("ActionID", "ours")], lambda _: None)

    assert len(ready.say(["Event: Hangup", "ActionID: ours"])) == 1


def test_pings_are_sent_and_a_pong_is_waited_for(ready):
    ready.session.look(ready.now + PING_SECONDS - 0.1)
    assert ready.sent() == []

    ready.now += PING_SECONDS
    ready.session.look(ready.now)
    (ping,) = ready.sent()
    assert ping["Action"] == "Ping"
    assert ready.session.next_look == ready.now + ANSWER_SECONDS

    ready.say(["Response: Success", f"ActionID: {ping['ActionID']}", "Ping: Pong"], after=1)
    assert ready.session.last_pong == ready.now
    ready.session.look(ready.now + ANSWER_SECONDS)


def test_no_pong_means_a_frozen_pbx_even_when_events_came(ready):
    ready.now += PING_SECONDS
    ready.session.look(ready.now)
    ready.say(["Event: Hangup"], after=ANSWER_SECONDS - 0.1)
    ready.session.look(ready.now)

    with pytest.raises(TryLater, match=r"pbx\.frozen"):
        ready.session.look(ready.now + 0.1)


@pytest.mark.parametrize(("is_greeted", "code"), [(False, "pbx.silent"), (True, "pbx.frozen")])
def test_a_pbx_that_does_not_let_us_in_is_not_waited_for_for_ever(talk, is_greeted, code):
    if is_greeted:
        talk.greet()

    assert talk.session.next_look == talk.now + ANSWER_SECONDS
    with pytest.raises(TryLater) as raised:
        talk.session.look(talk.now + ANSWER_SECONDS)
    assert raised.value.code == code


def test_what_an_end_means(talk):
    talk.greet()
    assert talk.session.ended().code == "pbx.turned_away"

    ready = Talk()
    ready.log_in()
    assert ready.session.ended().code == "pbx.closed"
    ready.session.receive(b"Event: Newsta", ready.now)
    assert ready.session.ended().code == "pbx.cut"
