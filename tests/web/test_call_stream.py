"""The process of call cards: slow browsers, a memory that went away, its own start and end."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from backend import stream
from backend.embedded import die_with_parent, redis_server
from backend.flows.telephony.desk import channel
from backend.flows.telephony.desk.channel import Seat
from tests.support.card_stand import cards, stand
from tests.support.stand import OLGA

__all__ = ["cards", "stand"]

ROOT = Path(__file__).parents[2]
CARD = {"type": "ringing", "call": "1:1", "users": [OLGA], "number": "+79990001122"}


def seated():
    return stream.Stream(Seat(1, OLGA, "http://amo.test"))


def drained(opened):
    found = []
    while not opened.queue.empty():
        found.append(opened.queue.get_nowait())
    return found


def test_who_does_not_read_is_let_go_and_sees_the_present_when_they_come_back():
    opened = seated()
    for number in range(stream.WAITING_AT_MOST):
        opened.put(str(number).encode())

    opened.put(b"one too many")

    assert drained(opened) == [None]


def test_after_a_time_without_news_everybody_is_told_what_goes_on(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    assert tab.until("sync")["cards"] == []
    memory, account_id = stand.ctx.redis, stand.account.id
    channel.send(memory, account_id, CARD)
    tab.until("ringing")

    asyncio.run_coroutine_threadsafe(cards.hub.show_again(), cards.loop).result(10)

    assert [card["call"] for card in tab.until("sync")["cards"]] == ["1:1"]


def test_a_card_that_only_its_own_user_opens_says_so_to_nobody_else(stand, cards):
    tab = cards.open(stand.seat(OLGA))

    channel.send(stand.ctx.redis, stand.account.id, {**CARD, "opens": [OLGA + 1]})
    channel.send(stand.ctx.redis, stand.account.id, {**CARD, "opens": [OLGA]})

    assert [tab.until("ringing")["opens"] for _ in range(2)] == [False, True]


def test_a_silent_stream_shows_signs_of_life_and_ends_for_a_new_ticket(stand, cards, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 0.3)

    answer = requests.get(
        stand.seat(OLGA).replace(stand.at.public, cards.url),
        headers={"Origin": "http://amo.test"},
        timeout=10,
    )

    assert answer.text.count('{"type":"alive"}') >= 3


def test_a_browser_that_takes_nothing_gives_its_place_to_others(stand, cards, monkeypatch):
    """It holds tickets enough for every place there is, opens them all and reads none."""
    monkeypatch.setattr(stream, "UNREAD_SECONDS", 0.3)
    place = (stand.account.id, OLGA)
    with socket.create_connection(("127.0.0.1", cards.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = stand.seat(OLGA).removeprefix(stand.at.public)
        deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: http://amo.test\r\n\r\n".encode())
        until(lambda: cards.hub.streams.get(place))
        (opened,) = cards.hub.streams[place]
        for _ in range(50):
            cards.loop.call_soon_threadsafe(opened.put, b"x" * 1_000_000)
        until(lambda: not cards.hub.streams.get(place))
        assert cards.hub.count == 0


def test_more_tabs_than_places_at_once_let_the_oldest_go():
    hub = stream.Hub(None)
    seats = contextlib.ExitStack()
    opened = [seats.enter_context(hub.seated(Seat(1, OLGA, "http://amo.test"))) for _ in range(12)]

    told = [bool(drained(one)) for one in opened]

    assert told == [True] * (12 - stream.MOST_OF_USER) + [False] * stream.MOST_OF_USER


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_memory_that_is_away_is_a_pause_and_no_ticket_is_believed(tmp_path):
    with redis_server(tmp_path) as url:
        process, port = _start(url)
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/cards?ticket=x", timeout=10)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    finally:
        process.kill()
        process.wait()


def test_it_starts_small_and_ends_at_once(tmp_path):
    with redis_server(tmp_path) as url:
        process, port = _start(url)
        assert requests.get(f"http://127.0.0.1:{port}/cards/health", timeout=10).json() == {"streams": 0}
        status = Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]

        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0

    assert time.monotonic() - begun < 5
    assert int(status) < 60 * 1024


@pytest.mark.parametrize("bind", ["8001", "localhost:", ":80x"])
def test_an_address_that_is_none_is_named(bind, capsys):
    assert stream.main([bind]) == 2
    assert "is not HOST:PORT" in capsys.readouterr().err


def _start(redis_url):
    """The process, when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "PUBLIC_URL": "http://127.0.0.1:1", "SECRET_KEY": "s" * 40,
        "DATABASE_URL": "sqlite:///nowhere.db", "REDIS_URL": redis_url, "AMOCRM_CLIENT_ID": "client",
        "AMOCRM_CLIENT_SECRET": "secret", "YCLIENTS_PARTNER_TOKEN": "partner",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.stream", f"127.0.0.1:{port}"], cwd=ROOT, env=environment,
        preexec_fn=die_with_parent(), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            break
    return process, port
