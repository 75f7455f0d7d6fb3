"""`python -m sandbox.calls [--once] [--real] [--port-base N]`: calls of a company, proved."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import sys
from collections.abc import Iterator
from functools import partial

from sandbox.calls import listening, plays, timeline
from sandbox.calls.exchange import Emulated, Exchange
from sandbox.calls.firm import Firm
from sandbox.calls.judge import Verdict, judge
from sandbox.calls.looking import Looking, p95
from sandbox.calls.plays import Play
from sandbox.calls.timeline import Told
from sandbox.demo import frame
from sandbox.demo.errors import DemoError
from sandbox.demo.frame import Ports, say

DEFAULT_BASE = 9200
STREAM_SECONDS = 20.0
GRACE_SECONDS = 3.0
PAUSE_SECONDS = 2.0
MOST_FINDINGS = 40
FIRST_PHONE = "101"
KNOWN_CLIENTS = 5000  # numbers from here on called nobody while the judge looked


def arguments() -> argparse.Namespace:
    parser = frame.parser("calls", "Calls of a company.", DEFAULT_BASE)
    parser.add_argument("--real", action="store_true", help="a real Asterisk with phones and audio")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    return frame.main("calls", lambda: run(given))


def run(given: argparse.Namespace) -> bool:
    ports = Ports(given.port_base, has_guest=True)
    with frame.place("calls", ports, DEFAULT_BASE) as place, contextlib.ExitStack() as stack:
        firm = Firm(place)
        if given.real:
            firm.monitor = place.folder / "asterisk" / "spool" / "monitor"
        say("Запускаю: песочница amoCRM, станция, веб-сервер, слушатель станции, карточки, обработчики…")
        firm.start()
        firm.install()
        pbx = _exchange(given, firm, stack)
        pbx.route(firm.connect(pbx.connection))
        firm.wait_until_connected()
        verdict = act(firm, pbx, _looking(firm, stack))
        say(verdict.line())
        if not given.once:
            firm.tell()
            go_on(firm, pbx)
        return verdict.is_good


def _looking(firm: Firm, stack: contextlib.ExitStack) -> Looking:
    """Everybody has their page open before anybody calls."""
    looking = Looking(sorted(firm.users.values()), firm.ticket, firm.amocrm)
    stack.callback(looking.close)
    if not looking.wait(STREAM_SECONDS):
        raise DemoError(f"a stream of cards does not open: {looking.problems[-1:]}")
    return looking


def _exchange(given: argparse.Namespace, firm: Firm, stack: contextlib.ExitStack) -> Exchange:
    if given.real:
        real = importlib.import_module("sandbox.calls.real")  # its rig is of no use to anybody else
        found: Exchange = stack.enter_context(real.Real(firm.place.folder / "asterisk"))
        return found
    return stack.enter_context(Emulated(firm.place.ports.guest, firm.monitor))


def act(firm: Firm, pbx: Exchange, looking: Looking) -> Verdict:
    """Calls of every kind and a few clicks; then amoCRM is looked at."""
    fresh = plays.numbers()
    called, pressed = pbx.calls(fresh), pbx.pressed(fresh)
    say(f"Звонков {len(called)}, потом {len(pressed)} нажатия на номер в карточке…")
    pbx.perform(called)
    for play in pressed:
        pbx.click(play, partial(firm.click, firm.users[play.phone], f"+{play.number}"))
    firm.rest(after=GRACE_SECONDS)
    done, crm = [*called, *pressed], firm.state()
    expected = [one for play in done for one in play.expected]
    verdict = judge(expected, crm, firm.users, listening.links(crm["notes"]))
    verdict.popup_ms = p95(popups(pbx, looking, firm))
    say("")
    say(timeline.render(done, Told(crm, firm.account["users"], pbx.rings, looking)))
    for finding in verdict.findings[:MOST_FINDINGS]:
        say(f"  {finding}")
    return verdict


def popups(pbx: Exchange, looking: Looking, firm: Firm) -> list[float]:
    """Milliseconds from the ring of a phone to the card of its owner; a card that never came is a minute."""
    shown: dict[tuple[str, int], float] = {}
    for seen in looking.cards("ringing"):
        shown.setdefault((str(seen.card.get("number", "")), seen.user_id), seen.at)
    found = []
    for (number, phone), at in pbx.rings.items():
        if number.startswith("7") and phone in firm.users:
            came = shown.get((f"+{number}", firm.users[phone]), at + 60.0)
            found.append(1000 * (came - at))
    return found


def go_on(firm: Firm, pbx: Exchange) -> None:
    """Calls come in until Ctrl-C, one after another: cards pop up on the page."""
    say("Звонки продолжаются, пока вы не нажмёте Ctrl-C.")
    calls = itertools.chain.from_iterable(_again(pbx))
    firm.place.go_on(lambda: pbx.perform([next(calls)]), PAUSE_SECONDS)


def _again(pbx: Exchange) -> Iterator[list[Play]]:
    """For ever, with other clients each time: at the desk of whoever the page shows first."""
    fresh = itertools.islice(plays.numbers(), KNOWN_CLIENTS, None)
    while True:
        yield [play for play in pbx.calls(fresh) if play.phone == FIRST_PHONE]


if __name__ == "__main__":
    sys.exit(main())
