"""The search for recordings, in a lane of the background queue: each is copied, made mp3 once and kept."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import time
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.telephony import recordings as core
from backend.flows import turns
from backend.flows.context import Context, KeepAlive
from backend.flows.rules import configuration
from backend.flows.telephony.recordings import recording_places, recordings
from backend.integrations.recordings import sound
from backend.integrations.recordings.sound import Sound
from backend.store import lanes
from backend.store.lanes import Lease
from backend.store.telephony import pbxes
from backend.store.telephony import recordings as store
from backend.store.telephony.recordings import Kept, Recording

log = logging.getLogger(__name__)

LANE = "recordings"
AT_A_TIME = 20
SLICE_SECONDS = 20
ABANDONED = timedelta(hours=6)  # a workshop that old is of a worker that was killed
WORKSHOP = ".work"
NOT_THERE = "telephony_recordings.not_found"
UNNAMED = "telephony_recordings.not_named"


def ring_all(ctx: Context) -> int:
    """Whoever has one to look for now."""
    due = store.due_accounts(ctx.now())
    for account_id in due:
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(due)


def look_again(ctx: Context, account_id: int, recording_id: int) -> bool:
    """A person pressed «искать снова»."""
    if not store.look_again(account_id, recording_id, ctx.now()):
        return False
    ctx.ring(lanes.lane_id(account_id, LANE))
    return True


def look_again_for_all(ctx: Context, account_id: int) -> int:
    found = store.look_again_for_all(account_id, ctx.now())
    ctx.ring(lanes.lane_id(account_id, LANE))
    return found


def run(ctx: Context, lane_id: int) -> int:
    """The job: what is due, earliest first; returns how many were looked for."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: _look_for_due(ctx, lease, keep_alive))


def _look_for_due(ctx: Context, lease: Lease, keep_alive: KeepAlive) -> int:
    until, looked = time.monotonic() + SLICE_SECONDS, 0
    while due := store.due(lease.account_id, ctx.now(), AT_A_TIME):
        for row in due:
            _look(ctx, keep_alive, row)
            looked += 1
        if time.monotonic() > until:
            ctx.ring(lease.lane_id)
            break
    return looked


def _look(ctx: Context, keep_alive: KeepAlive, row: Recording) -> None:
    """One look at one recording; its outcome is written whatever it is."""
    try:
        kept = _fetched(ctx, keep_alive, row)
    except TryLater as error:
        _put_off(ctx, row, error)
    except AppError as error:
        store.give_up(row.id, store.FAILED, error.code, _plain(error))
        log.warning("recording failed recording_id=%d code=%s", row.id, error.code)
    else:
        if kept is None:
            _not_there(ctx, row, NOT_THERE if row.names else UNNAMED)
        elif not store.keep(row.id, kept, ctx.now()):
            (recordings.folder(ctx) / kept.path).unlink(missing_ok=True)


def _put_off(ctx: Context, row: Recording, error: TryLater) -> None:
    """A file that is being written is there in a moment; a place that is away may be for hours."""
    if error.code == "telephony_recordings.still_written":
        _not_there(ctx, row, error.code)
        return
    due = core.look_when_back(row.tries, row.called_at, ctx.now())
    if due is None:
        store.give_up(row.id, store.MISSING, error.code, _plain(error))
    else:
        store.put_off(row.id, due, error.code, _plain(error))


def _not_there(ctx: Context, row: Recording, code: str) -> None:
    due = core.next_look(row.tries, ctx.now())
    if due is None:
        store.give_up(row.id, store.MISSING, code, {})
        log.warning("recording missing recording_id=%d", row.id)
    else:
        store.put_off(row.id, due, code, {})


def _fetched(ctx: Context, keep_alive: KeepAlive, row: Recording) -> Kept | None:
    """The file, in its place; None when it is not there."""
    rules = configuration.current(row.account_id).telephony.recordings
    pbx = pbxes.by_id(row.pbx_id)
    if pbx.is_removed:
        raise InvalidInput("telephony_recordings.pbx_removed")
    workshop = _workshop(ctx)
    try:
        raw, made = workshop / "raw", workshop / "made"
        if recording_places.of(ctx, pbx, rules).fetch(row.names, raw, _now_and_then(ctx, keep_alive)) is None:
            return None
        is_last = core.next_look(row.tries, ctx.now()) is None
        heard = sound.prepare(raw, made, _now_and_then(ctx, keep_alive), to_mp3=rules.mp3, is_last=is_last)
        return _stored(ctx, row, made, heard)
    except OSError as error:
        raise TryLater("telephony_recordings.disk", error=error.strerror or type(error).__name__) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _now_and_then(ctx: Context, keep_alive: KeepAlive) -> KeepAlive:
    """Renews the lease between two pieces, not for each of them."""
    last = time.monotonic()

    def renew() -> None:
        nonlocal last
        if time.monotonic() - last > ctx.settings.lease_seconds / 3:
            last = time.monotonic()
            keep_alive()

    keep_alive()
    return renew


def _stored(ctx: Context, row: Recording, made: Path, heard: Sound) -> Kept:
    """On the disk for good before the row says so."""
    with made.open("rb") as read:
        digest = file_digest(read, "sha256").hexdigest()
        os.fsync(read.fileno())
    called = row.called_at
    name = f"{row.account_id}/{called:%Y/%m}/{row.id}-{secrets.token_hex(4)}.{heard.ending}"
    place = recordings.folder(ctx) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    size = made.stat().st_size
    made.replace(place)
    return Kept(name, heard.mime, size, heard.milliseconds, digest)


def _workshop(ctx: Context) -> Path:
    """A folder of this look, beside where the file will stay: moving it there is one step."""
    root = recordings.folder(ctx) / WORKSHOP
    root.mkdir(parents=True, exist_ok=True)
    made = root / secrets.token_hex(8)
    made.mkdir()
    return made


def tidy(ctx: Context) -> int:
    """Workshops whose worker was killed."""
    root, gone = recordings.folder(ctx) / WORKSHOP, 0
    for place in root.iterdir() if root.is_dir() else ():
        if time.time() - place.stat().st_mtime > ABANDONED.total_seconds():
            shutil.rmtree(place, ignore_errors=True)
            gone += 1
    return gone


def _plain(error: AppError) -> dict[str, object]:
    """Details as JSON holds them."""
    return {
        name: value if isinstance(value, int) else str(value)[:300] for name, value in error.details.items()
    }
