"""Does one lane get slower because a million bookings are stored and 999 other accounts exist?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from backend.flows import inbox
from backend.store import db
from bench.report import Figure
from bench.world import Office, World, office, postgres

BOOKINGS = 1_000_000
CLIENTS = 600_000
EVENTS = 200_000
ACCOUNTS = 999
BATCH = 200
ROUNDS = 6
NAMES = ("scale_flatness",)


def run(world: World) -> Iterator[Figure]:
    with postgres() as server:
        with (
            office(world, server.fresh_url(), "small.amocrm.ru") as small,
            office(world, server.fresh_url(), "big.amocrm.ru", number=1) as big,
        ):
            seed(big)
            full, empty = _compare(big, small)
    yield Figure("scale_flatness", full / empty, "times", empty, full / empty)


def _compare(big: Office, small: Office) -> tuple[float, float]:
    """Medians of interleaved rounds; the first one fills caches and plans and is not counted."""
    times: dict[str, list[float]] = {"big": [], "small": []}
    for number in range(ROUNDS + 1):
        pair = [("big", big), ("small", small)]
        for name, at in pair if number % 2 else reversed(pair):
            seconds = _drain(at, range(number * BATCH, (number + 1) * BATCH))
            if number:
                times[name].append(seconds)
    return statistics.median(times["big"]), statistics.median(times["small"])


def _drain(at: Office, numbers: range) -> float:
    at.enter()
    at.tell(numbers)
    started = time.perf_counter()
    inbox.drain(at.ctx, at.lane_id)
    seconds = time.perf_counter() - started
    assert not at.pending()
    return seconds


def seed(at: Office) -> None:
    """Half of the history belongs to the measured account, the rest to the others."""
    at.enter()
    who = f"CASE WHEN n % 2 = 0 THEN {at.account.id} ELSE {_NEIGHBOURS} + n % {ACCOUNTS} END"
    db.run("SET synchronous_commit = off")
    for statement in _SEED:
        sql = statement.replace("{who}", who).replace("{lane}", str(at.lane_id))
        db.run(sql.replace("%", "%%"))
    for table in (
        "bookings",
        "links",
        "inbound_events",
        "crm_leads",
        "crm_contacts",
        "lead_contacts",
        "person_keys",
    ):
        db.run(f"VACUUM ANALYZE {table}")  # noqa: S608 - our own names; what autovacuum does in time
    db.run("ANALYZE")
    db.run("CHECKPOINT")
    db.run("RESET synchronous_commit")


_NEIGHBOURS = 1000  # the first id of the other accounts
_THEN = 1_700_000_000_000_000  # a moment long ago, in microseconds
_SNAPSHOT = 'repeat(\'{"поле": "значение"} \', 20)'
_SEED = (
    f"""INSERT INTO accounts (id, domain, crm_id, name, timezone, state, pause_code, pause_details, hook_secret,
        user_id, installed_at, token_generation)
    SELECT {_NEIGHBOURS} + n, 'idle' || n || '.amocrm.ru', 1000 + n, 'idle', 'Europe/Moscow', 'active', '', '',
        'secret-' || n, 1, {_THEN}, 0 FROM generate_series(0, {ACCOUNTS} - 1) n""",
    f"""INSERT INTO branches (account_id, company_id, title, mode, hook_secret, paused_code, paused_details)
    SELECT {_NEIGHBOURS} + n, 50000 + n, 'salon', 'active', 'branch-' || n, '', ''
    FROM generate_series(0, {ACCOUNTS} - 1) n""",
    f"""INSERT INTO lanes (id, account_id, name, fencing, batch_limit)
    SELECT {_NEIGHBOURS} + n, {_NEIGHBOURS} + n, 'bookings', 5, 200 FROM generate_series(0, {ACCOUNTS} - 1) n""",
    f"""INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at, content_hash,
        snapshot, reason, lead_id, updated_at)
    SELECT {{who}}, 1, 'yclients:41001:' || n, n, 'waiting', {_THEN} + n, {_THEN} + n, md5(n::text),
        {_SNAPSHOT}, 'booking.lead_created', n, {_THEN} + n FROM generate_series(1, {BOOKINGS}) n""",
    f"""INSERT INTO links (account_id, key, lead_id, role, direction, contact_id, version, applied, opened_by_us,
        created_at, updated_at)
    SELECT {{who}}, 'yclients:41001:' || n, n, 'main', 'epilation', n % {CLIENTS}, {_THEN}, '{{"name":"Запись"}}',
        true, {_THEN} + n, {_THEN} + n FROM generate_series(1, {BOOKINGS}) n""",
    f"""INSERT INTO inbound_events (account_id, branch_id, lane_id, subject, source, kind, dedup_key, body,
        received_at, due_at, status, reason, closed_at)
    SELECT {{who}}, 1, CASE WHEN n % 2 = 0 THEN {{lane}} ELSE {_NEIGHBOURS} + n % {ACCOUNTS} END,
        'yclients:41001:' || n, 'yclients', 'yclients.record', md5(n::text), {_SNAPSHOT}, {_THEN} + n, {_THEN} + n,
        'done', 'booking.lead_created', {_THEN} + n FROM generate_series(1, {EVENTS}) n""",
    f"""INSERT INTO crm_leads (account_id, lead_id, name, pipeline_id, stage_id, responsible_id, price, tags, fields,
        created_by, created_at, updated_at, is_deleted)
    SELECT {{who}}, n, 'Запись', 8001, CASE WHEN n % 5 = 0 THEN 8101 ELSE 142 END, 7000001, 250000, '[]',
        '[[9001,"' || n || '"]]', 0, {_THEN}, {_THEN} + n, false FROM generate_series(1, {BOOKINGS}) n""",
    f"""INSERT INTO crm_contacts (account_id, contact_id, name, phones, created_at, updated_at, is_deleted)
    SELECT {{who}}, n, 'Клиент', '["+7911' || lpad(n::text, 7, '0') || '"]', {_THEN}, {_THEN} + n, false
    FROM generate_series(1, {CLIENTS}) n""",
    f"""INSERT INTO lead_contacts (account_id, lead_id, contact_id, position)
    SELECT {{who}}, n, 1 + n % {CLIENTS}, 0 FROM generate_series(1, {BOOKINGS}) n""",
    f"""INSERT INTO person_keys (account_id, key, contact_id, is_card)
    SELECT {{who}}, '7911' || lpad(n::text, 7, '0'), n, false FROM generate_series(1, {CLIENTS}) n""",
)
