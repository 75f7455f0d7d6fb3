"""What the product's own tables say about bookings that ended wrong: for whoever reads a failed run."""

import re

from backend.store import db

KEY = re.compile(r"yclients:\d+:\d+")
AT_MOST = 5


def report(problems):
    keys = dict.fromkeys(key for problem in problems for key in KEY.findall(problem))
    return "\n".join([*problems, *(line for key in list(keys)[:AT_MOST] for line in _story(key))])


def _story(key):
    yield f"\n{key}"
    links = db.rows("SELECT lead_id, role, stage_id, applied FROM links WHERE key = %s", (key,))
    yield f"  links: {links!r}"
    for event_id, received_at, kind, status, reason, error, tries in db.rows(
        "SELECT id, received_at, source, status, reason, error, tries FROM inbound_events "
        "WHERE subject = %s ORDER BY id",
        (key,),
    ):
        yield f"  event {event_id} {_time(received_at)} {kind} {status} {reason} tries={tries} {error or ''}"
    for event_id, attempt, kind, planned_at, settled_at, status, error, payload in db.rows(
        "SELECT event_id, attempt, kind, planned_at, settled_at, status, error, payload FROM outbox_commands "
        "WHERE subject = %s ORDER BY id",
        (key,),
    ):
        when = f"{_time(planned_at)} → {_time(settled_at)}"
        yield f"  command {event_id}/{attempt} {kind} {when} {status} {error or ''} {payload}"


def _time(micros):
    return "never" if micros is None else f"{micros / 1e6 % 100000:.2f}"
