"""Recordings of calls: the link is given out before the file is there, so that a call is logged at once. The
file is looked for behind it, and whoever opens the link meanwhile is told the truth.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from backend.core.telephony import recordings as core
from backend.core.telephony.call import Call
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.recordings import recording_places
from backend.flows.widget import spoken
from backend.store import accounts
from backend.store.telephony import calls, pbxes, recording_accesses, recording_keys
from backend.store.telephony import recordings as store
from backend.store.telephony.pbxes import Pbx
from backend.store.telephony.recordings import Recording, Wanted

log = logging.getLogger(__name__)

AT_A_TIME = 200
MOST_AT_ONCE = 2000  # thrown away of one account in one round: the schedule has other work as well


@dataclass(frozen=True, slots=True)
class Heard:
    """What an opened link gives. `code` is a text: why there is no sound; "" when there is. `will_come`: it
    is worth to ask again.
    """

    recording: Recording
    path: Path | None = None
    code: str = ""
    is_gone: bool = False
    will_come: bool = False

    @property
    def name(self) -> str:
        """What a browser saves it as."""
        ending = "wav" if self.recording.mime == "audio/wav" else "mp3"
        called = self.recording.called_at
        part = f"-{self.recording.part + 1}" if self.recording.part else ""
        return f"call-{called:%Y-%m-%d-%H%M}{part}.{ending}"


# Links


def links(ctx: Context, account_id: int, call: Call, rules: TelephonyRules | None = None) -> tuple[str, ...]:
    """The addresses of an ended call's recordings, in order; () when it has none. From now on they are looked
    for, if they were not before.
    """
    rules = rules or configuration.current(account_id).telephony
    rows = store.expect(account_id, _wanted(account_id, call, rules), ctx.now())
    return tuple(address(ctx, row) for row in rows if row.revoked_at is None)


def link(ctx: Context, account_id: int, uniq: str, part: int = 0) -> str:
    """The address of one recording of a call that we know; "" when there is none."""
    row = calls.by_uniq(account_id, uniq)
    if row is None:
        return ""
    found = links(ctx, account_id, row.call)
    return found[part] if part < len(found) else ""


def expect(ctx: Context, account_id: int, call: Call, rules: TelephonyRules) -> int:
    """A call has ended: its recordings are looked for. Returns how many there should be."""
    return len(store.expect(account_id, _wanted(account_id, call, rules), ctx.now()))


def address(ctx: Context, row: Recording) -> str:
    """The link of a recording. One whose key was retired gets a new one here: the old link stays dead."""
    key = recording_keys.by_id(row.key_id)
    if key is None or key.retired_at is not None:
        store.reissue(row.account_id, row.id, ctx.now())
        row = store.by_id(row.account_id, row.id) or row
        key = recording_keys.by_id(row.key_id)
    assert key is not None
    return f"{ctx.settings.public_url}/r/{core.token(row.public, key.secret)}.mp3"


def open_token(row: Recording) -> str:
    """What stands in the link of a recording that is open; "" when its link, or its key, is closed."""
    key = recording_keys.by_id(row.key_id)
    if row.revoked_at is not None or key is None or key.retired_at is not None:
        return ""
    return core.token(row.public, key.secret)


def _wanted(account_id: int, call: Call, rules: TelephonyRules) -> list[Wanted]:
    if not rules.is_on or not rules.recordings.is_on or not call.is_answered:
        return []
    pbx = _pbx(call.pbx_id)
    if pbx is None:
        return []
    ended_at = call.ended_at or call.began_at
    return [
        Wanted(call.uniq, part, pbx.id, names, call.began_at, ended_at + core.PAUSES[0])
        for part, names in enumerate(_names(account_id, call, pbx, rules))
    ]


def _names(account_id: int, call: Call, pbx: Pbx, rules: TelephonyRules) -> tuple[tuple[str, ...], ...]:
    if pbx.kind == pbxes.CLOUD:  # it tells whole addresses
        told = tuple((one,) for one in call.recordings[: core.MOST_PARTS])
        return told or (((),) if recording_places.records(pbx) else ())
    return core.parts(_by_its_clock(call, pbx), rules.recordings, _zone(account_id, pbx))


def _by_its_clock(call: Call, pbx: Pbx) -> Call:
    """The PBX has named its folders by what its clock said, be it right or wrong."""
    ahead = pbxes.state(pbx.id).clock_ahead
    ended_at = call.ended_at + ahead if call.ended_at else None
    return replace(call, began_at=call.began_at + ahead, ended_at=ended_at)


def _zone(account_id: int, pbx: Pbx) -> tzinfo:
    """Folders are named by the PBX's own day."""
    return spoken.zone(str(pbx.options.get("zone") or "") or accounts.by_id(account_id).timezone)


def _pbx(pbx_id: int) -> Pbx | None:
    try:
        return pbxes.by_id(pbx_id)
    except LookupError:
        return None


# Listening


def listen(ctx: Context, token: str) -> Heard | None:
    """None for a link that we never gave: nobody learns how near a guess was."""
    public = core.public_of(token)
    row = store.by_public(public) if public else None
    key = recording_keys.by_id(row.key_id) if row is not None else None
    if row is None or key is None or not core.is_genuine(token, public, key.secret):
        return None
    if row.revoked_at is not None or key.retired_at is not None:
        return Heard(row, code="telephony_recordings.link_revoked", is_gone=True)
    return _found(ctx, row)


def _found(ctx: Context, row: Recording) -> Heard:
    match row.state:
        case store.READY:
            path = folder(ctx) / row.path
            if path.is_file():
                return Heard(row, path)
            log.error("recording lost from the disk recording_id=%d", row.id)
            return Heard(row, code="telephony_recordings.lost")
        case store.DELETED:
            return Heard(row, code="telephony_recordings.outlived", is_gone=True)
        case store.WAITING:
            return Heard(row, code="telephony_recordings.not_yet", will_come=True)
        case _:
            return Heard(row, code="telephony_recordings.none")


def note_access(ctx: Context, heard: Heard, where: str, agent: str, status: int) -> None:
    row = heard.recording
    recording_accesses.note(
        row.account_id, row.id, address=where[:64], agent=agent, status=status, now=ctx.now()
    )


def folder(ctx: Context) -> Path:
    return Path(ctx.settings.recordings_dir).resolve()


# Keeping for a time


def forget_old(ctx: Context) -> int:
    """Throws away what has been kept for as long as each account's rules say; returns how many."""
    return sum(_forget(ctx, account.id) for account in accounts.all_accounts())


def _forget(ctx: Context, account_id: int) -> int:
    days = configuration.current(account_id).telephony.recordings.keep_days
    before, gone = _before(ctx.now(), days), 0
    while gone < MOST_AT_ONCE and (rows := store.outlived(account_id, before, AT_A_TIME)):
        for row in rows:
            if row.path:
                (folder(ctx) / row.path).unlink(missing_ok=True)
            store.throw_away(row.id)
        gone += len(rows)
    recording_accesses.forget(account_id, before)
    return gone


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=max(1, days))
