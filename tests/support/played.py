"""What a PBX's stream and tables tell of recorded calls, and what was kept of those."""

from datetime import UTC, datetime, timedelta

from backend.flows.telephony.hearing.live import Live
from backend.integrations.asterisk.protocol import Parser
from backend.store import db
from backend.store.telephony import calls, pbxes
from sandbox.asterisk import recorded

# When the recorded calls were made, in the zone of their PBX.
PLAYED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
NIGHT = timedelta(hours=2)


def connected(stand, address, **options):
    """The PBX with these tables, read up to now."""
    return pbxes.save(
        pbxes.Pbx(
            id=stand.pbx.id, account_id=stand.account.id, code=stand.pbx.code,
            options={"tables": address, "zone": "UTC", **options},
        )
    )  # fmt: skip


def rows(stand):
    return sorted(calls.portion(stand.account.id, calls.CallFilters()), key=lambda row: row.began_at)


def told(stand):
    """Keys of the events that are to be decided."""
    sql = "SELECT dedup_key FROM inbound_events WHERE kind = 'call.ended' ORDER BY id"
    return [key for (key,) in db.rows(sql)]


def hear(stand, pbx, scenario, until=None, ahead=timedelta(0)):
    """What the stream told of a call, up to an event; returns the Live that heard it. `ahead`: by how much
    the clock of the PBX was wrong when that was recorded.
    """
    live, heard = Live(stand.ctx, pbx), None
    live.clock_ahead = ahead
    for frame in Parser().feed(recorded.stream(recorded.Name("16", "all", scenario))):
        if frame.get("Timestamp"):
            if until and frame.name == until:
                break
            heard = datetime.fromtimestamp(float(frame.get("Timestamp")), UTC) - ahead
            live.take([frame], heard)
            live.store(heard)
    live.store(heard + timedelta(seconds=2))
    return live, heard
