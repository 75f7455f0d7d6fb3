"""The exchange of the demo: a click is over when what becomes of it is over."""

import socket
import time

import pytest

from sandbox.asterisk import packets
from sandbox.calls import plays
from sandbox.calls.exchange import Emulated


class Slow(Emulated):
    """A busy host: between an order and its first channel it thinks. `ends`: channels that have ended."""

    def __init__(self, folder):
        super().__init__(0, folder)
        self.answers.click_speed = 50.0
        self.now = self._thinking
        self.ends = 0

    def _thinking(self):
        time.sleep(0.3)
        return time.time()

    def emit(self, block):
        super().emit(block)
        self.ends += block.startswith(b"Event: Hangup\r\n")


@pytest.fixture
def pbx(tmp_path):
    with Slow(tmp_path) as exchange:
        yield exchange


@pytest.fixture
def listener(pbx):
    """Whoever carries clicks out, logged in."""
    with socket.create_connection(("127.0.0.1", pbx.port), 20) as wire:
        wire.sendall(b"Action: Login\r\nUsername: crm\r\nSecret: least-rights\r\n\r\n")
        while b"Authentication accepted" not in wire.recv(65536):
            pass
        yield wire


def test_a_click_is_waited_for_to_its_end_on_a_slow_host(pbx, listener):
    """A click left alone before its first channel took the course of the next one: a client who did not
    answer became an operator who did not, and the judge missed a call.
    """
    by_course = {play.course: play for play in plays.clicks(plays.numbers())}
    ended = []

    for course in ("no-answer", "silent"):
        pbx.click(by_course[course], lambda: press(listener, by_course[course]))  # noqa: B023 - at once
        ended.append(pbx.ends)

    assert ended == [2, 3], "an operator and a client, then one more operator"
    assert pbx.course == "answered", "whoever presses a number in the demo afterwards talks to somebody"


def press(wire, play):
    order = [
        ("Action", "Originate"), ("ActionID", play.course), ("Channel", f"PJSIP/{play.phone}"),
        ("Context", "from-crm"), ("Exten", play.number), ("Priority", "1"), ("Async", "true"),
    ]  # fmt: skip
    wire.sendall(packets.write(order))
