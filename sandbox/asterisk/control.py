"""What happens on the stand-in, told over HTTP: `POST /__control/<deed>` with JSON; `state` tells it all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.asterisk import replay
from sandbox.asterisk.answers import COURSES
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.replay import Cast

CONTROL = "/__control/"
Plain = dict[str, Any]


class Control:
    """A WSGI application."""

    def __init__(self, pbx: Asterisk) -> None:
        self._pbx = pbx
        self._deeds: dict[str, Callable[[Plain], Plain]] = {
            "state": self._state, "play": self._play, "course": self._course,
            "drop": lambda told: {"connections": pbx.drop(in_the_middle=bool(told.get("in_the_middle")))},
            "freeze": lambda _: _done(pbx.freeze), "thaw": lambda _: _done(pbx.thaw),
            "restart": lambda told: _done(lambda: pbx.restart(float(told.get("seconds", 0)))),
        }  # fmt: skip

    def __call__(self, environ: Plain, start: Callable[..., Any]) -> Iterable[bytes]:
        deed = self._deeds.get(str(environ["PATH_INFO"]).removeprefix(CONTROL))
        if deed is None:
            return _answer(start, "404 Not Found", {"known": sorted(self._deeds)})
        try:
            told = json.loads(environ["wsgi.input"].read() or b"{}")
            return _answer(start, "200 OK", deed(told))
        except (KeyError, ValueError) as error:
            return _answer(start, "400 Bad Request", {"error": str(error)})

    def _state(self, _: Plain) -> Plain:
        """Who came, what was asked, what there is now."""
        pbx = self._pbx
        asked = [{"account": one.account, "at": one.at, "headers": one.pairs} for one in pbx.asked]
        channels = [{name: text for name, text in item if text} for item in pbx.live.shown(pbx.now())]
        return {
            "logins": pbx.logins, "connections": pbx.connections(), "asked": asked, "channels": channels,
            "course": pbx.course,
        }  # fmt: skip

    def _play(self, told: Plain) -> Plain:
        """{"scenario", "client", "operator", "speed"}: a speed plays it in real time, beside others."""
        words = {}
        if client := told.get("client"):
            words[replay.CLIENT] = str(client)
        if operator := told.get("operator"):
            words[replay.OPERATOR] = str(operator)
        speed = float(told.get("speed", 0))
        played = self._pbx.prepare(str(told["scenario"]), Cast(words), at_once=not speed)
        threading.Thread(target=self._pbx.go_on, args=(played,), kwargs={"speed": speed}, daemon=True).start()
        return {"linked": played.linked, "events": len(played.events)}

    def _course(self, told: Plain) -> Plain:
        """What becomes of the clicks from now on."""
        if told["course"] not in COURSES:
            raise ValueError(f"one of {', '.join(COURSES)}")
        self._pbx.course = told["course"]
        return {"course": self._pbx.course}


def _done(deed: Callable[[], None]) -> Plain:
    deed()
    return {}


def _answer(start: Callable[..., Any], status: str, said: Plain) -> list[bytes]:
    body = json.dumps(said, ensure_ascii=False).encode()
    start(status, [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
