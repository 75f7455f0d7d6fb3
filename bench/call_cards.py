"""How soon a person sees a call and a PBX hears of a click, in an office of its own processes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.telephony.call import Call
from backend.flows.sync.mirror import person_keys
from backend.flows.telephony.desk import channel
from backend.store import mirror
from backend.store.telephony import calls
from backend.store.telephony.calls import Seen
from bench import call_office
from bench.call_office import NEWCOMERS, ORIGIN, PATIENCE, Office
from bench.memory import MEGABYTE
from bench.network import p95, timed
from bench.report import Figure
from bench.world import World
from sandbox.asterisk.recorded import Name
from sandbox.asterisk.replay import Cast
from tests.support import make
from tests.support.calls import PEOPLE
from tests.support.stand import ANNA

NAMES = ("ring_to_popup_p95_ms", "click_to_originate_p95_ms", "route_answer_p95_ms", "stream_500_mb")
RINGS, CLICKS, ROUTES, STREAMS = 60, 60, 400, 500
CONTACTS, CALLS = 20_000, 20_000
CALLER = Cast({"79990001122": "79990000001"})
PORTION = 1_000


def run(_world: World) -> Iterator[Figure]:
    with call_office.opened(people=CLICKS) as office:
        yield from _rings(office)
        yield from _clicks(office)
        yield from _routes(office)
        yield from _streams(office)


def _rings(office: Office) -> Iterator[Figure]:
    """From the PBX's word that a phone is called to the card in a browser, one call after another."""
    tab, times = office.tab(ANNA), []
    tab.until("sync")
    for _ in range(RINGS):
        played = office.pbx.prepare(Name("16", "all", "inbound-answered"), CALLER)
        called = next(event.after for event in played.events if event.block.startswith(b"Event: DialBegin"))
        begun = time.perf_counter()
        office.pbx.go_on(played, until=called + 0.2)
        tab.until("ringing")
        times.append(time.perf_counter() - begun)
        office.pbx.go_on(played, after=called + 0.2)
        tab.until("ended")
    yield Figure("ring_to_popup_p95_ms", p95(times) * 1000, "ms", detail=f"middle {_middle(times):.0f} ms")


def _clicks(office: Office) -> Iterator[Figure]:
    """From the widget's request to the order at the PBX, each of another person."""
    address = f"{office.web}/widget/calls/dial"
    client, times = requests.Session(), []
    for number in range(CLICKS):
        headers = {"X-Auth-Token": office.token(NEWCOMERS + number), "Origin": ORIGIN}
        known, begun = len(office.pbx.clicks()), time.time()
        body = {"number": "+79995550011"}
        answer = client.post(address, headers=headers, json=body, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        office.wait_for_click(known)
        times.append(office.pbx.clicks()[-1].at - begun)
    detail = f"middle {_middle(times):.0f} ms"
    yield Figure("click_to_originate_p95_ms", p95(times) * 1000, "ms", detail=detail)


def _routes(office: Office) -> Iterator[Figure]:
    """Answers to the dialplan from a store of some years, of known and of unknown numbers."""
    _fill(office)
    client, chance = requests.Session(), random.Random(6)  # noqa: S311 - repeatable
    address, named = f"{office.web}/telephony/route/{office.stand.pbx.token}", 0

    def ask() -> None:
        nonlocal named
        phone = f"+7901{chance.randrange(CONTACTS * 5 // 4):07}"
        answer = client.get(address, params={"phone": phone, "trunk": make.TRUNK}, timeout=PATIENCE)
        assert answer.status_code == 200
        named += bool(answer.content)

    times = [timed(ask) for _ in range(ROUTES)][20:]
    detail = f"{CONTACTS} contacts, {CALLS} calls; {named} of {ROUTES} answers named somebody"
    yield Figure("route_answer_p95_ms", p95(times) * 1000, "ms", detail=detail)


def _streams(office: Office) -> Iterator[Figure]:
    """What the stream's process holds with so many tabs open, all of which hear of a call of theirs."""
    users = range(1, STREAMS + 1)
    tabs = [office.tab(user) for user in users]
    for tab in tabs:
        tab.until("sync")
    for user in users:
        told = {"type": "ringing", "call": f"1:{user}", "users": [user], "number": "+79990001122"}
        channel.send(office.stand.ctx.redis, office.stand.account.id, told)
    for tab in tabs:
        tab.until("ringing")
    yield Figure("stream_500_mb", _rss(office.stream.pid) / MEGABYTE, "MB")
    for tab in tabs:
        tab.close()


def _fill(office: Office) -> None:
    account_id, now = office.stand.account.id, datetime.now(UTC)
    owners = [person.user_id for person in PEOPLE]
    for begin in range(0, CONTACTS, PORTION):
        numbers = range(begin, begin + PORTION)
        contacts = [
            Contact(
                10**8 + n, f"Клиент {n}", (f"+7901{n:07}",), updated_at=now,
                responsible_id=owners[n % len(owners)],
            )
            for n in numbers
        ]  # fmt: skip
        mirror.save_contacts(account_id, contacts, person_keys)
        leads = [
            Lead(
                2 * 10**8 + n,
                8001,
                8100,
                Kopecks(0),
                f"Сделка {n}",
                owners[0],
                (10**8 + n,),
                updated_at=now,
            )
            for n in numbers
        ]
        mirror.save_leads(account_id, leads)
    for begin in range(0, CALLS, PORTION):
        calls.save_many(account_id, [_former(n, now) for n in range(begin, begin + PORTION)], now)


def _former(number: int, now: datetime) -> Seen:
    phone = f"+7901{number % CONTACTS:07}"
    at = now - timedelta(minutes=number + 60)
    made: Callable[..., Call] = make.call
    call = made(talks=[("102", 5, 60)], at=at, client=phone, uniq=f"1:{10**9 + number}.1")
    return Seen(call, phone, PEOPLE[1].user_id)


def _rss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2] * 1000
