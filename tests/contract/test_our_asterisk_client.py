"""Our AMI client against a manager port that behaves as the vendor's: TLS, login, breaks, answers."""

import dataclasses
import ssl
import threading
import time

import pytest

from backend.core.errors import AppError, InvalidInput, NeedsHuman, TryLater
from backend.core.telephony.hearing.reading import WANTED
from backend.core.telephony.originating import Order
from backend.integrations.asterisk import actions, session
from backend.integrations.asterisk.client import Client
from backend.integrations.asterisk.probe import probe
from backend.integrations.asterisk.wire import Address
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.support.certificates import Certificate

ACCOUNT = Account()


class Running:
    """A client in a thread of its own; what it heard and how it ended."""

    def __init__(self, address, wanted=WANTED):
        self.client = Client(address, wanted)
        self.frames, self.error = [], None
        self.is_up, self.is_over = threading.Event(), threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            self.client.run(self.frames.extend, self.is_up.set)
        except AppError as error:
            self.error = error
        self.is_over.set()

    def ask(self, action, **more):
        """The answer; None when there is none."""
        answers, came = [], threading.Event()

        def note(answer):
            answers.append(answer)
            came.set()

        self.client.ask(action, note, **more)
        assert came.wait(10)
        return answers[0]

    def names(self):
        return [frame.name for frame in self.frames]


@pytest.fixture
def pbx():
    with Asterisk() as opened:
        yield opened


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def secure(certificate):
    with Asterisk(tls=certificate.server) as opened:
        yield opened


@pytest.fixture
def run():
    running = []

    def begin(pbx, **changes):
        running.append(Running(address(pbx, **changes)))
        return running[-1]

    yield begin
    for one in running:
        one.client.close()
        assert one.is_over.wait(10)


@pytest.fixture
def up(run, pbx):
    running = run(pbx)
    assert running.is_up.wait(5)
    return running


def address(pbx, **changes):
    return dataclasses.replace(Address("127.0.0.1", pbx.port, ACCOUNT.name, ACCOUNT.secret), **changes)


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_one_connection_hears_and_one_asks(up, pbx):
    pbx.play("inbound-answered")
    answer = up.ask(actions.core_settings())

    assert pbx.logins == [("crm", True), ("crm", True)]
    assert actions.version(answer) == "16.28.0"
    wait_until(lambda: "Hangup" in up.names())
    assert set(up.names()) <= {name.decode() for name in WANTED}


def test_channels_of_now_are_listed(up, pbx):
    played = pbx.play("inbound-answered", speed=1000.0, until=0.5)

    items = up.ask(actions.show_channels(), among_events=True).items

    assert {item.get("Linkedid") for item in items} == {played.linked}
    assert len(items) == 2


@pytest.mark.parametrize("trust", ["ca", "fingerprint"])
def test_tls_with_a_self_made_certificate(run, secure, certificate, trust):
    given = {"ca": certificate.pem, "fingerprint": certificate.fingerprint}[trust]

    running = run(secure, tls=True, **{trust: given})

    assert running.is_up.wait(5)
    secure.play("inbound-answered")
    wait_until(lambda: "Hangup" in running.names())


def test_large_answers_come_through_tls_whole(run, secure, certificate):
    running = run(secure, tls=True, fingerprint=certificate.fingerprint)
    assert running.is_up.wait(5)
    secure.break_into_pieces(longest=3000)

    for _ in range(40):
        secure.play("transfer-attended", speed=1000.0, until=0.5)
    answer = running.ask(actions.show_channels(), among_events=True)

    assert len(answer.items) == len(secure.live) >= 40


@pytest.mark.parametrize("trust", [{}, {"fingerprint": "AA:" * 31 + "AA"}, {"fingerprint": "отпечаток"}])
def test_a_certificate_nobody_knows_hears_no_word_of_ours(run, secure, trust):
    running = run(secure, tls=True, **trust)

    assert running.is_over.wait(10)
    assert running.error.code == "pbx.tls_untrusted"
    assert secure.logins == []


def test_a_certificate_for_another_host_is_not_trusted(run, tmp_path):
    other = Certificate(tmp_path, host="127.0.0.9")
    with Asterisk(tls=other.server) as pbx:
        running = run(pbx, tls=True, ca=other.pem)

        assert running.is_over.wait(10)
        assert running.error.code == "pbx.tls_untrusted"


def test_tls_and_plain_are_not_mixed_up(run, pbx, secure, certificate):
    plain = run(pbx, tls=True, fingerprint=certificate.fingerprint)
    assert plain.is_over.wait(10)
    assert plain.error.code == "pbx.tls_failed"

    encrypted = run(secure)
    assert encrypted.is_over.wait(10)
    assert isinstance(encrypted.error, TryLater)


def test_what_is_no_certificate_is_refused(run, secure):
    running = run(secure, tls=True, ca="no certificate")

    assert running.is_over.wait(10)
    assert running.error.code == "pbx.bad_ca"


def test_a_wrong_password_is_said_once(run, pbx):
    running = run(pbx, secret="wrong")

    assert running.is_over.wait(10)
    assert isinstance(running.error, NeedsHuman)
    assert pbx.logins == [("crm", False)]


def test_nobody_is_there(run, pbx):
    pbx.stop()

    running = run(pbx)

    assert running.is_over.wait(10)
    assert running.error.code == "pbx.unreachable"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"host": "no such host"}, "pbx.unknown_name"), ({"host": "a\x00b"}, "pbx.unknown_name"),
        ({"host": "x" * 300}, "pbx.unreachable"), ({"port": 70_000}, "pbx.unreachable"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_nowhere(run, pbx, wrong, code):
    running = run(pbx, **wrong)

    assert running.is_over.wait(10)
    assert running.error.code == code


def test_a_frozen_pbx_is_noticed_by_its_silence(run, pbx, monkeypatch):
    monkeypatch.setattr(session, "PING_SECONDS", 0.2)
    monkeypatch.setattr(session, "ANSWER_SECONDS", 0.6)
    running = run(pbx)
    assert running.is_up.wait(5)
    wait_until(lambda: running.client.last_pong)

    pbx.freeze()

    assert running.is_over.wait(3)
    assert running.error.code == "pbx.frozen"
    pbx.thaw()


def test_a_connection_that_breaks_within_an_event(up, pbx):
    pbx.drop(in_the_middle=True)

    assert up.is_over.wait(5)
    assert up.error.code == "pbx.cut"


def test_who_does_not_read_is_cut_off_by_the_pbx():
    """The vendor's way, which the thread of the listener is made for: it only reads and hands over."""
    with Asterisk(accounts=[dataclasses.replace(ACCOUNT, writetimeout=0.2)]) as pbx:
        client = Client(address(pbx), WANTED)
        errors, is_up, is_awake = [], threading.Event(), threading.Event()

        def run():
            try:
                client.run(lambda _: is_awake.wait(20), is_up.set)
            except AppError as error:
                errors.append(error.code)

        thread = threading.Thread(target=run)
        thread.start()
        assert is_up.wait(5)
        played = pbx.play("transfer-attended")
        for _ in range(150):
            pbx.go_on(played)
        wait_until(lambda: pbx.connections() == 1)
        is_awake.set()
        thread.join(15)

        assert errors
        assert set(errors) <= {"pbx.cut", "pbx.closed"}


def test_an_action_with_a_line_break_is_never_sent(up, pbx):
    with pytest.raises(InvalidInput):
        up.client.ask([("Action", "Originate"), ("Exten", "79990001122\r\n\r\nAction: Command")], print)

    assert up.ask(actions.core_settings()).is_good
    assert "Command" not in {one.name for one in pbx.asked}


def test_who_asks_when_nobody_is_connected_is_told(up, pbx):
    pbx.drop()
    assert up.is_over.wait(5)

    assert up.ask(actions.core_settings()) is None


def test_what_was_asked_before_the_end_is_not_asked_again(up, pbx):
    pbx.freeze()
    answers = []
    up.client.ask(actions.core_settings(), answers.append)
    time.sleep(0.2)
    pbx.stop()

    assert up.is_over.wait(10)
    assert answers == [None]


def test_a_click_rings_a_phone_and_is_reported_with_its_id(run, pbx):
    pbx.answers.click_speed = 0.0
    running = Running(address(pbx), WANTED | {b"OriginateResponse"})
    assert running.is_up.wait(5)
    order = Order("tok", "PJSIP/102", "from-crm", "79261112233", '"x" <102>', 30, {"__CRM_CALL_ID": "tok"})

    assert running.ask(actions.originate(order)).is_good

    wait_until(lambda: "OriginateResponse" in running.names())
    found = next(frame for frame in running.frames if frame.name == "OriginateResponse")
    assert (found.get("ActionID"), found.get("Uniqueid"), found.get("Response")) == (
        "tok",
        "crm-tok",
        "Success",
    )
    running.client.close()
    assert running.is_over.wait(5)


def test_a_look_tells_version_channels_and_rights(pbx):
    pbx.play("inbound-answered", speed=1000.0, until=0.5)

    found = probe(address(pbx))

    assert (found.version, found.channels, found.findings) == ("16.28.0", 2, ())


def test_a_look_at_a_pbx_that_does_not_let_us_in(pbx):
    with pytest.raises(NeedsHuman):
        probe(address(pbx, secret="wrong"))


def test_weak_tls_is_not_spoken(run, certificate):
    server = certificate.server
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server.maximum_version = ssl.TLSVersion.TLSv1_1
    with Asterisk(tls=server) as pbx:
        running = run(pbx, tls=True, fingerprint=certificate.fingerprint)

        assert running.is_over.wait(10)
        assert running.error.code == "pbx.tls_failed"
