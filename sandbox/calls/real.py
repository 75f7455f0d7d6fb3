"""The other exchange: a real Asterisk with phones, providers, audio and recordings, on loopback.

The rig belongs to the tests (tests/asterisk/rig) and needs nothing of the product either. There are three
phones, so calls are played one after another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sandbox.calls.plays import Expected, Play
from sandbox.demo.errors import DemoError
from tests.asterisk.rig import script
from tests.asterisk.rig.configuration import LOGIN, SECRET
from tests.asterisk.rig.ears import Ears
from tests.asterisk.rig.pbx import Pbx
from tests.asterisk.rig.phones import Phones, phones

TALK = 2.0
START_SECONDS = 30.0
Act = Callable[[Phones, str], object]


def _answered(people: Phones, number: str) -> None:
    people.phone("101", script.answers(after=500))
    people.client(number, "74950000101", seconds=TALK)


def _missed(people: Phones, number: str) -> None:
    people.phone("101", script.rings())
    people.client(number, "74950000101", script.gives_up(after=1500))


def _busy(people: Phones, number: str) -> None:
    people.phone("101", script.refuses("486 Busy Here"))
    people.client(number, "74950000101", script.is_refused())


def _group(people: Phones, number: str) -> None:
    people.phone("101", script.rings())
    people.phone("102", script.answers(after=1000))
    people.client(number, "74950000102", seconds=TALK)


def _queue(people: Phones, number: str) -> None:
    people.phone("101", script.rings())
    people.phone("102", script.answers(after=1000))
    people.client(number, "74950000103", seconds=TALK)


def _menu(people: Phones, number: str) -> None:
    people.client(number, "74950000104", seconds=1.5)


def _transfer(people: Phones, number: str) -> None:
    people.phone("101", script.transfers("102", after=300), seconds=1.5)
    people.phone("102", script.answers(after=500))
    people.client(number, "74950000101", seconds=4.5)


def _lost(people: Phones, number: str) -> None:
    people.phone("101", script.transfers("102", after=300), seconds=1.5)
    people.phone("102", script.rings())
    people.client(number, "74950000101", script.listens())


def _outbound(people: Phones, number: str) -> None:
    people.phone("city", script.answers(after=500))
    people.call("101", number, script.talks(), seconds=TALK)


def _outbound_busy(people: Phones, number: str) -> None:
    people.phone("city", script.refuses("486 Busy Here"))
    people.call("101", number, script.is_refused())


def _internal(people: Phones, number: str) -> None:  # noqa: ARG001 - nobody from outside
    people.phone("102", script.answers(after=300))
    people.call("101", "102", script.talks(), seconds=1.0)


CALLS: Mapping[str, tuple[Act, str, int, float, str, tuple[str, ...]]] = {
    "inbound-answered": (_answered, "in", 4, TALK, "101", ("101",)),
    "inbound-missed-client-gives-up": (_missed, "in", 6, 0.0, "", ("101",)),
    "inbound-busy": (_busy, "in", 6, 0.0, "", ("101",)),
    "inbound-group": (_group, "in", 4, TALK, "102", ("101", "102")),
    "queue-answered": (_queue, "in", 4, TALK, "102", ("101", "102")),
    "menu-hangup": (_menu, "in", 6, 0.0, "", ()),
    "transfer-blind": (_transfer, "in", 4, 4.0, "102", ("101", "102")),
    "transfer-blind-nobody-answers": (_lost, "in", 4, 1.5, "101", ("101", "102")),
    "outbound-answered": (_outbound, "out", 4, TALK, "101", ()),
    "outbound-busy": (_outbound_busy, "out", 7, 0.0, "", ()),
    "internal-answered": (_internal, "", 0, 0.0, "", ("102",)),
}
"""What is done, and what must come of it: direction, status, seconds of talk, last talker, who was rung."""


class Real:
    """`with Real(folder) as pbx`; the rings are heard by an ear of its own."""

    def __init__(self, folder: Path) -> None:
        self.pbx = Pbx(folder)
        self.ears: Ears | None = None

    def __enter__(self) -> Real:
        try:
            self.pbx.start()
        except (RuntimeError, TimeoutError) as error:
            self.pbx.close()
            raise DemoError(str(error)) from error
        self.ears = Ears(self.pbx.place)
        return self

    def __exit__(self, *_: object) -> None:
        if self.ears is not None:
            self.ears.close()
        self.pbx.close()

    @property
    def rings(self) -> Mapping[tuple[str, str], float]:
        assert self.ears is not None
        return self.ears.rings

    @property
    def connection(self) -> dict[str, str]:
        place = self.pbx.place
        return {
            "host": place.own_address, "port": str(place.ami_tls), "tls": "on", "login": LOGIN,
            "secret": SECRET, "options.ca": place.certificate.read_text(), "zone": "UTC",
            "tables": f"sqlite:///{place.tables}",
        }  # fmt: skip

    @property
    def recordings(self) -> Path:
        return self.pbx.place.recordings

    def route(self, address: str) -> None:
        """Whom the dialplan asks from now on."""
        self.pbx.ask(f"dialplan set global MOSTIK_ROUTE {address}")

    def calls(self, fresh: Iterator[str]) -> list[Play]:
        return [_play(name, next(fresh)) for name in CALLS]

    def pressed(self, fresh: Iterator[str]) -> list[Play]:
        """One that is answered and one at which nobody takes the phone that rang for it."""
        number, other = next(fresh), next(fresh)
        talk = Expected(f"+{number}", "out", 4, TALK, "101", ("101",))
        silent = Expected(f"+{other}", "out", 0, 0.0, "", ("102",), is_logged=False)
        return [
            Play("click-to-call-own-id", _words(number), (talk,), "answered"),
            Play("click-to-call-operator-silent", {**_words(other), "101": "102"}, (silent,), "silent"),
        ]

    def perform(self, played: Sequence[Play]) -> None:
        for play in played:
            with phones(self.pbx) as people:
                CALLS[play.scenario][0](people, play.number)
                people.finish()

    def click(self, play: Play, press: Callable[[], object]) -> None:
        with phones(self.pbx) as people:
            if play.course == "silent":
                people.phone(play.phone, script.rings())
            else:
                people.phone(play.phone, script.answers(after=500))
                people.phone("city", script.answers_and_ends(after=500), seconds=TALK)
            press()
            deadline = time.monotonic() + START_SECONDS
            while not self.pbx.channels():
                if time.monotonic() > deadline:
                    raise DemoError("a click came to nothing")
                time.sleep(0.05)
            people.finish()


def _play(name: str, number: str) -> Play:
    _, way, status, talk, talker, rung = CALLS[name]
    one = Expected(f"+{number}", way, status, talk, talker, rung, is_logged=bool(way))
    return Play(name, _words(number), (one,))


def _words(number: str) -> dict[str, str]:
    return {"79990001122": number}
