"""Rows of a PBX's own tables, as sites differ in them: names of columns, forms of times (telephony.md §9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from backend.core.telephony.hearing.clock import EXACT

ANSWERED = "ANSWERED"


@dataclass(frozen=True, slots=True)
class CelRow:
    """One event of a channel."""

    id: int
    kind: str
    at: datetime
    channel: str
    uid: str
    linked: str
    number: str = ""
    exten: str = ""
    app: str = ""
    data: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CdrRow:
    """One part of a call: who was put through to whom, for how long."""

    at: datetime
    src: str
    dst: str
    channel: str
    dst_channel: str
    duration: timedelta
    talked: timedelta
    disposition: str
    uid: str
    linked: str
    sequence: int = 0
    data: str = ""
    did: str = ""
    recording: str = ""

    @property
    def until(self) -> datetime:
        return self.at + self.duration


def cel_row(row: Mapping[str, Any], zone: tzinfo, ahead: timedelta = EXACT) -> CelRow | None:
    """None for what is no event of a channel. `row` has the table's names in lower case; `ahead` is by how
    much the clock of the PBX is known to be wrong.
    """
    at = moment(row.get("eventtime"), zone, ahead)
    uid = _text(row, "uniqueid")
    if at is None or not uid:
        return None
    return CelRow(
        id=_whole(row.get("id", row.get("acctid"))),
        kind=_text(row, "eventtype"),
        at=at,
        channel=_text(row, "channame"),
        uid=uid,
        linked=_text(row, "linkedid") or uid,
        number=_text(row, "cid_num", "cidnum"),
        exten=_text(row, "exten"),
        app=_text(row, "appname"),
        data=_text(row, "appdata"),
        extra=_extra(_text(row, "extra", "eventextra")),
    )


def cdr_row(row: Mapping[str, Any], zone: tzinfo, ahead: timedelta = EXACT) -> CdrRow | None:
    at = moment(row.get("calldate", row.get("start")), zone, ahead)
    uid = _text(row, "uniqueid")
    if at is None or not uid:
        return None
    return CdrRow(
        at=at,
        src=_text(row, "cnum", "src"),
        dst=_text(row, "dst"),
        channel=_text(row, "channel"),
        dst_channel=_text(row, "dstchannel"),
        duration=timedelta(seconds=_whole(row.get("duration"))),
        talked=timedelta(seconds=_whole(row.get("billsec"))),
        disposition=_text(row, "disposition").upper(),
        uid=uid,
        linked=_text(row, "linkedid") or uid,
        sequence=_whole(row.get("sequence")),
        data=_text(row, "lastdata"),
        did=_text(row, "did"),
        recording=_text(row, "recordingfile"),
    )


def moment(value: Any, zone: tzinfo, ahead: timedelta = EXACT) -> datetime | None:
    """A time of a table, put right."""
    told = _told(value, zone)
    return told - ahead if told else None


def _told(value: Any, zone: tzinfo) -> datetime | None:
    """Seconds since 1970, or the PBX's own wall clock, which names no zone."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    text = str(value or "").strip()
    if text.replace(".", "", 1).isdecimal():
        whole, _, rest = text.partition(".")
        micros = timedelta(microseconds=int(rest.ljust(6, "0")[:6] or 0))
        return datetime.fromtimestamp(int(whole), UTC) + micros
    try:
        return _told(datetime.fromisoformat(text), zone)
    except ValueError:
        return None


def _text(row: Mapping[str, Any], *names: str) -> str:
    """Of the first of these columns that says anything."""
    return next((str(row[name]).strip() for name in names if row.get(name) not in (None, "")), "")


def _whole(value: Any) -> int:
    text = str(value if value is not None else "").partition(".")[0]
    return int(text) if text.isdecimal() else 0


def _extra(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
