"""`python -m sandbox.asterisk PORT`: a manager port, and on request a control port beside it."""

from __future__ import annotations

import argparse
import signal
import ssl
import sys
import threading

from sandbox.asterisk import recorded
from sandbox.asterisk.control import Control
from sandbox.asterisk.emulator import VERSIONS, Asterisk
from sandbox.asterisk.rights import Account
from sandbox.server import PortTaken, Server


def arguments() -> argparse.Namespace:
    scenarios = ", ".join(sorted({name.scenario for name in recorded.names()}))
    parser = argparse.ArgumentParser(prog="python -m sandbox.asterisk", epilog=f"Scenarios: {scenarios}.")
    parser.add_argument("port", type=int)
    parser.add_argument("--control", type=int, metavar="PORT", help="say over HTTP what happens")
    parser.add_argument(
        "--play", nargs="*", default=[], metavar="SCENARIO", help="calls once somebody listens"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="of what is played; 0 is at once")
    parser.add_argument("--pieces", action="store_true", help="send in pieces of random length")
    parser.add_argument("--version", choices=VERSIONS, default="16")
    parser.add_argument("--login", default=Account().name)
    parser.add_argument("--secret", default=Account().secret)
    parser.add_argument("--certificate", nargs=2, metavar=("CERTIFICATE", "KEY"), help="speak TLS with these")
    return parser.parse_args()


def main() -> int:
    told = arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    account = Account(told.login, told.secret)
    pbx = Asterisk(told.port, [account], version=told.version, tls=_tls(told.certificate))
    try:
        pbx.start()
        control = Server("127.0.0.1", told.control, Control(pbx)) if told.control else None
    except (OSError, PortTaken) as error:
        print(f"sandbox.asterisk: {error}", file=sys.stderr)
        return 2
    if told.pieces:
        pbx.break_into_pieces()
    if control is not None:
        threading.Thread(target=control.serve_forever, daemon=True).start()
    print(f"asterisk on 127.0.0.1:{pbx.port}", flush=True)
    _play(pbx, told, stop)
    stop.wait()
    pbx.stop()
    return 0


def _play(pbx: Asterisk, told: argparse.Namespace, stop: threading.Event) -> None:
    while told.play and not pbx.has_listeners() and not stop.wait(0.1):
        pass
    for scenario in told.play:
        if not stop.is_set():
            pbx.play(scenario, speed=told.speed)


def _tls(certificate: tuple[str, str] | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


if __name__ == "__main__":
    sys.exit(main())
