"""How much of a deed at a lead's card is ours: booking, confirming, moving and cancelling."""

from __future__ import annotations

import itertools
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from backend.flows.vendors import clients
from backend.store import db
from bench import card
from bench.network import SALONS, Network, p95
from tests.support.stand import AMO, VERA

WARM, LEADS, PASSES = 5, 60, 3
PER_PERSON = 7  # leads, four deeds at each: a person may act 30 times within a minute
DAYS_AHEAD = 20  # where nobody has booked yet
NO_WAITING = ((10_000, 1.0), (10_000, 1.0))

Json = dict[str, Any]


class Metered(BaseAdapter):
    """A line to a vendor that counts the seconds until its answers."""

    def __init__(self, line: BaseAdapter) -> None:
        super().__init__()
        self.line, self.seconds = line, 0.0

    def send(self, request: PreparedRequest, *args: Any, **more: Any) -> Response:
        started = time.perf_counter()
        try:
            return self.line.send(request, *args, **more)
        finally:
            self.seconds += time.perf_counter() - started

    def close(self) -> None:
        self.line.close()


def measure(opened: Network) -> tuple[float, float]:
    """The middle of three 95th percentiles and the slowest of all, in milliseconds."""
    passes, slowest, numbers = [], 0.0, itertools.count()
    leads = _leads(opened)
    with _metered(opened) as lines:
        for number in range(PASSES):
            found = [seconds for lead in leads for seconds in _deeds(opened, lines, lead, number, numbers)]
            times = found[WARM:]
            passes.append(p95(times) * 1000)
            slowest = max(slowest, *times)
    return statistics.median(passes), slowest * 1000


def _deeds(
    opened: Network, lines: list[Metered], lead: int, number: int, numbers: Iterator[int]
) -> Iterator[float]:
    """One client is booked, confirmed, moved and cancelled, as from the buttons of the card."""
    count = next(numbers)
    company = SALONS[count % len(SALONS)]
    now: datetime = opened.now()
    day = now + timedelta(days=DAYS_AHEAD + count // 8 + 30 * number)
    at = f"{day:%Y-%m-%d} {10 + count % 8}:00"
    service = 10 * (1000 * (company - 41000) + 1)
    ask = partial(_ask, opened, lines, count)
    wish = {"lead": lead, "salon": company, "services": [service], "master": VERA, "at": at, "comment": ""}
    seconds, booked = ask("book", wish)
    yield seconds
    known = {"lead": lead, "key": booked["booking"]["key"]}
    for path, more in (("confirm", {}), ("move", {"at": f"{at[:-2]}30"}), ("cancel", {})):
        seconds, _ = ask(f"booking/{path}", {**known, **more})
        yield seconds


def _ask(opened: Network, lines: list[Metered], count: int, path: str, body: Json) -> tuple[float, Json]:
    """Our own seconds and the answer."""
    client, token = opened.app.test_client(), card.token(opened, count // PER_PERSON * card.PER_PERSON)
    headers, before = {"X-Auth-Token": token, "Origin": AMO}, sum(line.seconds for line in lines)
    started = time.perf_counter()
    answer = client.post(f"/widget/{path}", headers=headers, json={"form": str(uuid.uuid4()), **body})
    passed = time.perf_counter() - started
    assert answer.status_code in (200, 201), (path, answer.text)
    given: Json = answer.get_json()
    return passed - (sum(line.seconds for line in lines) - before), given


@contextmanager
def _metered(opened: Network) -> Iterator[list[Metered]]:
    """The lines to both vendors, without our limits: waiting for a place is the vendor's time too."""
    session, before = opened.ctx.session, clients.DESK_WINDOWS
    lines = {prefix: Metered(line) for prefix, line in session.adapters.items()}
    kept = dict(session.adapters)
    clients.DESK_WINDOWS = NO_WAITING
    for prefix, line in lines.items():
        session.mount(prefix, line)
    try:
        yield list(lines.values())
    finally:
        clients.DESK_WINDOWS = before
        for prefix, line in kept.items():
            session.mount(prefix, line)


def _leads(opened: Network) -> list[int]:
    """Of people with a phone, the regular client's among them."""
    sql = """SELECT max(l.lead_id) FROM lead_contacts l JOIN person_keys p
            ON p.account_id = l.account_id AND p.contact_id = l.contact_id AND NOT p.is_card
        WHERE l.account_id = %s GROUP BY l.contact_id ORDER BY l.contact_id LIMIT %s"""
    return [lead for (lead,) in db.rows(sql, (opened.account.id, LEADS))]
