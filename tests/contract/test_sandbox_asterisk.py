"""The stand-in for Asterisk's manager port keeps to what is known of the vendor's (telephony.md)."""

import contextlib
import hashlib
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import requests

from sandbox.asterisk import packets, recorded
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.replay import Cast
from sandbox.asterisk.rights import EVERYTHING, Account

LEAST = Account()
OF_THE_LOGIN = ("FullyBooted", "SuccessfulAuth")
TAP = Account("tap", "everything", EVERYTHING, EVERYTHING)


class Wire:
    """A client as plain as can be."""

    def __init__(self, pbx):
        self.socket = socket.create_connection(("127.0.0.1", pbx.port), 5)
        self.came = b""
        self.greeting = self._until(b"\r\n")

    def _until(self, end):
        while end not in self.came:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.came += data
        found, self.came = self.came.split(end, 1)
        return found

    def send(self, *lines):
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")

    def read(self):
        return packets.read(self._until(b"\r\n\r\n"))

    def ask(self, *lines):
        """The answer, whatever else comes before it."""
        self.send(*lines, "ActionID: q")
        while True:
            found = self.read()
            if dict(found).get("ActionID") == "q" and "Response" in dict(found):
                return found

    def log_in(self, account=LEAST, events="on"):
        return self.ask(
            "Action: Login", f"Username: {account.name}", f"Secret: {account.secret}", f"Events: {events}"
        )

    def rest(self, seconds=0.5):
        """Everything that comes in so many seconds."""
        self.socket.settimeout(0.1)
        deadline, found = time.monotonic() + seconds, []
        while time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError, EOFError):
                found.append(self.read())
        return found


@pytest.fixture
def pbx():
    with Asterisk(accounts=[LEAST, TAP]) as opened:
        yield opened


@pytest.fixture
def wire(pbx):
    opened = []

    def connect(account=None, **more):
        opened.append(Wire(pbx))
        if account is not None:
            assert packets.value(opened[-1].log_in(account, **more), "Response") == "Success"
        return opened[-1]

    yield connect
    for one in opened:
        one.socket.close()


def message(answer):
    return packets.value(answer, "Response"), packets.value(answer, "Message")


def test_the_greeting_is_a_line_and_the_login_is_answered(wire):
    fresh = wire()

    assert fresh.greeting == b"Asterisk Call Manager/5.0.4"
    assert message(fresh.log_in()) == ("Success", "Authentication accepted")


def test_login_by_challenge(wire):
    fresh = wire()
    challenge = packets.value(fresh.ask("Action: Challenge", "AuthType: MD5"), "Challenge")
    key = hashlib.md5(f"{challenge}{LEAST.secret}".encode(), usedforsecurity=False).hexdigest()

    answer = fresh.ask("Action: Login", "AuthType: MD5", f"Username: {LEAST.name}", f"Key: {key}")

    assert message(answer) == ("Success", "Authentication accepted")


def test_a_wrong_password_is_refused_and_closed_after_a_second(wire):
    fresh = wire()
    began = time.monotonic()

    assert message(fresh.log_in(Account("crm", "wrong"))) == ("Error", "Authentication failed")
    with pytest.raises(EOFError):
        fresh.read()
    assert 0.8 < time.monotonic() - began < 3


def test_nothing_without_a_login(wire):
    assert message(wire().ask("Action: Ping")) == ("Error", "Permission denied")


@pytest.mark.parametrize("action", ["Command", "GetConfig", "ModuleLoad", "UpdateConfig"])
def test_least_rights_protect(wire, action):
    assert message(wire(LEAST).ask(f"Action: {action}")) == ("Error", "Permission denied")


def test_what_an_account_may_do_is_listed(wire):
    may = {name for name, _ in wire(LEAST).ask("Action: ListCommands")}

    assert {"Originate", "CoreShowChannels", "Ping", "Login"} <= may
    assert not {"Command", "GetConfig"} & may


def test_an_unknown_action(wire):
    kind, said = message(wire(LEAST).ask("Action: Fly"))

    assert kind == "Error"
    assert said.startswith("Invalid/unknown command")


def test_who_may_read_everything_is_told_that_it_has_booted(wire):
    booted = wire(TAP).rest()

    assert [packets.value(one, "Event") for one in booted] == ["FullyBooted"]
    assert wire(LEAST).rest() == []


def test_events_go_by_rights_and_not_to_who_is_quiet(wire, pbx):
    everything, least, quiet = wire(TAP), wire(LEAST), wire(LEAST, events="off")

    pbx.play("inbound-answered")

    heard = [packets.value(one, "Privilege") for one in least.rest()]
    assert set(heard) <= {"call,all", "cdr,all", "agent,all", "user,all"}
    assert {"dialplan,all", "call,all"} <= {packets.value(one, "Privilege") for one in everything.rest()}
    assert quiet.rest(0.2) == []


def test_a_played_call_is_the_recorded_one_with_other_ids_and_times_of_now(wire, pbx):
    listening = wire(TAP)
    listening.rest(0.2)

    first = pbx.play("transfer-blind", Cast({"79990001122": "79161234567"}))
    second = pbx.play("transfer-blind")

    heard = listening.rest(1.0)
    blocks = map(packets.read, recorded.events(recorded.Name("16", "all", "transfer-blind")))
    original = [name for block in blocks if (name := packets.value(block, "Event")) not in OF_THE_LOGIN]
    assert [packets.value(one, "Event") for one in heard] == original * 2
    assert not set(first.ids.values()) & set(second.ids.values())
    numbers = {packets.value(one, "CallerIDNum") for one in heard[: len(original)]}
    assert "79161234567" in numbers
    assert "79990001122" not in numbers
    ended = float(packets.value(heard[-1], "Timestamp"))
    assert abs(ended - time.time()) < 5


def test_channels_that_exist_are_listed_with_who_hears_whom(wire, pbx):
    asking = wire(LEAST)
    played = pbx.play("inbound-answered", speed=1000.0, until=1.0)

    asking.send("Action: CoreShowChannels", "ActionID: 7")
    found = [one for one in asking.rest() if packets.value(one, "ActionID") == "7"]

    assert packets.value(found[0], "EventList") == "start"
    assert packets.value(found[-1], "EventList") == "Complete"
    items = found[1:-1]
    assert packets.value(found[-1], "ListItems") == str(len(items)) == "2"
    assert {packets.value(one, "Linkedid") for one in items} == {played.linked}
    assert len({packets.value(one, "BridgeId") for one in items} - {""}) == 1

    pbx.go_on(played, after=1.0, speed=1000.0)
    assert len(pbx.live) == 0


def originate(wire, *lines):
    base = ["Action: Originate", "Async: true", "Priority: 1"]
    return wire.ask(*base, *lines)


GOOD = ("Channel: PJSIP/102", "Context: from-crm", "Exten: 79261112233", "ChannelId: crm-1")


@pytest.mark.parametrize(
    ("course", "response", "reason"),
    [
        ("answered", "Success", "4"),
        ("busy", "Success", "4"),
        ("no-answer", "Success", "4"),
        ("silent", "Failure", "3"),
    ],
)
def test_a_click_goes_as_its_course_says(wire, pbx, course, response, reason):
    pbx.course, pbx.answers.click_speed = course, 0.0
    listening, acting = wire(LEAST), wire(LEAST, events="off")

    assert message(originate(acting, *GOOD)) == ("Success", "Originate successfully queued")

    events = listening.rest(1.0)
    (told,) = [one for one in events if packets.value(one, "Event") == "OriginateResponse"]
    assert (packets.value(told, "Response"), packets.value(told, "Reason")) == (response, reason)
    assert packets.value(told, "ActionID") == "q"
    assert packets.value(events[0], "Uniqueid") == "crm-1"
    assert packets.value(events[0], "Channel").startswith("PJSIP/102-")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (GOOD[1:], "Channel not specified"),
        ((*GOOD[:1], "Context: nowhere", GOOD[2]), "Extension does not exist."),
        ((*GOOD, "Application: System"), "Originate Access Forbidden: Application"),
    ],
)
def test_a_click_that_cannot_be(wire, pbx, lines, said):
    assert message(originate(wire(LEAST), *lines)) == ("Error", said)


def test_a_frozen_host_says_nothing_and_closes_nothing(wire, pbx):
    asking = wire(LEAST)
    pbx.freeze()

    asking.send("Action: Ping")
    assert asking.rest(0.5) == []
    pbx.thaw()
    assert packets.value(asking.rest(0.5)[0], "Ping") == "Pong"


def test_who_does_not_read_is_cut_off():
    with Asterisk(accounts=[Account(read=EVERYTHING, writetimeout=0.2)]) as pbx:
        deaf = Wire(pbx)
        deaf.log_in()
        played = pbx.play("transfer-attended")
        for _ in range(120):
            pbx.go_on(played)
        time.sleep(1.0)

        assert pbx.connections() == 0
        deaf.socket.close()


def test_after_a_restart_numbers_begin_anew(wire, pbx):
    before = pbx.play("inbound-answered")
    pbx.restart()
    after = pbx.play("inbound-answered")

    assert before.linked.partition(".")[2] == after.linked.partition(".")[2] == "0"


# As a process of its own


@pytest.fixture
def process():
    """Port of the manager and a way to say what happens."""
    ports = [free_port() for _ in range(2)]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.asterisk", str(ports[0]), "--control", str(ports[1])],
        stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdout.readline() == f"asterisk on 127.0.0.1:{ports[0]}\n"
        yield SimpleNamespace(port=ports[0], control=f"http://127.0.0.1:{ports[1]}/__control/")
        running.terminate()
        assert running.wait(10) == 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def test_a_process_is_told_what_happens(process):
    listening = Wire(process)
    listening.log_in()

    def say(deed, **told):
        return requests.post(process.control + deed, json=told, timeout=5)

    played = say("play", scenario="inbound-answered", client="79161234567").json()
    heard = listening.rest(1.0)

    assert "79161234567" in {packets.value(one, "CallerIDNum") for one in heard}
    assert played["linked"] in {packets.value(one, "Linkedid") for one in heard}
    assert say("course", course="busy").json() == {"course": "busy"}
    state = requests.get(process.control + "state", timeout=5).json()
    assert (state["logins"], state["connections"], state["course"]) == ([["crm", True]], 1, "busy")
    assert say("play").status_code == 400
    assert say("course", course="somehow").status_code == 400
    assert say("fly").status_code == 404
    assert say("drop").json() == {"connections": 1}
    listening.socket.close()
