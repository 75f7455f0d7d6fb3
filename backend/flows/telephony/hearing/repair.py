"""What a break hid: calls are completed, and those nobody heard are added, from the PBX's own tables. No call
comes twice: it is one row by its id, whoever tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from backend.core.errors import AppError, InvalidInput
from backend.core.salon import DEFAULT_ZONE
from backend.core.telephony.call import Call, Source, Stage
from backend.core.telephony.hearing import cdr, cel, merging, told
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.hearing import live
from backend.integrations.asterisk import tables
from backend.integrations.asterisk.tables import CDR, CEL, Tables
from backend.store import accounts, db, events, lanes
from backend.store.telephony import calls, pbxes, readings
from backend.store.telephony.calls import CallRow
from backend.store.telephony.pbxes import Pbx

OVERLAP = timedelta(minutes=5)  # rows are written late and, in batches, out of order
FRESH = timedelta(seconds=10)  # so young an end is left to who hears it live
SETTLED = timedelta(minutes=1)  # of a call known by its parts alone: the next one may be going on
PATIENCE = timedelta(minutes=3)  # how long a call that is over waits for the tables to tell of it
GIVES_UP = timedelta(minutes=15)  # the same while the tables cannot be read
SLACK = timedelta(seconds=2)  # two clocks and whole seconds: no difference
PORTION = 200
FILES = "files"


@dataclass(slots=True)
class Repaired:
    """Calls that the tables told of; of them those nobody had heard, those completed, and calls that were
    closed by what was known because no table tells of them.
    """

    found: int = 0
    added: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @property
    def report(self) -> dict[str, object]:
        return {"calls": self.found, "added": self.added[:50], "completed": self.completed[:50],
                "n_added": len(self.added), "n_completed": len(self.completed)}  # fmt: skip


def has_tables(pbx: Pbx) -> bool:
    return bool(pbx.options.get("tables"))


def run(ctx: Context, pbx: Pbx, since: datetime | None = None, until: datetime | None = None) -> Repaired:
    """Read on from the last position, or a period again; calls that wait for the tables are looked for in any
    case. Trouble with the tables is noted and raised.
    """
    repaired, waiting = Repaired(), _awaited(pbx)
    try:
        with tables.opened(str(pbx.options["tables"])) as opened:
            source = _source(opened)
            reading = _Reading(ctx, pbx, opened, source)
            linked = reading.of_period(since, until) if since else reading.fresh()
            _portions(reading, [*linked, *_linked(waiting)], repaired)
            reading.done(is_whole=since is None)
    except AppError as error:
        readings.note_trouble(pbx.id, readings.of(pbx.id).source or CEL.value, error.code, error.details)
        _give_up(ctx, pbx, repaired, GIVES_UP)
        raise
    _give_up(ctx, pbx, repaired, PATIENCE)
    return repaired


def reprocess(ctx: Context, pbx: Pbx, since: datetime, until: datetime) -> tuple[Repaired, int]:
    """A period once more: what the tables have besides is added, then every call of it is decided anew.
    Returns what was repaired, and how many calls are looked at again.
    """
    repaired = run(ctx, pbx, since, until) if has_tables(pbx) else Repaired()
    filters = calls.CallFilters(pbx_id=pbx.id, since=since, until=until, is_over=True)
    again, after = 0, 0
    while rows := calls.of_period(pbx.account_id, filters, after):
        after = rows[-1].id
        live_again = [row for row in rows if row.uniq not in (*repaired.added, *repaired.completed)]
        _record(ctx, pbx, [row.call for row in live_again], f"again:{db.micros(ctx.now())}")
        again += len(rows)
    ctx.ring(lanes.lane_id(pbx.account_id, live.CALLS_LANE))
    return repaired, again


def compare(ctx: Context, pbx: Pbx, since: datetime, until: datetime) -> Repaired:
    """The nightly look at a whole day: what was found missing is put right and reported."""
    repaired = run(ctx, pbx, since, until)
    readings.add_comparison(pbx.account_id, pbx.id, (since, until), repaired.report, ctx.now())
    return repaired


def missing(pbx: Pbx) -> list[str]:
    """Events that the CEL table lacks although calls need them; empty when there is no CEL, or no calls."""
    with tables.opened(str(pbx.options["tables"])) as opened:
        kinds = opened.kinds_of_events() if _source(opened) is CEL else set()
    return cel.missing_events(kinds) if "LINKEDID_END" in kinds or "CHAN_END" in kinds else []


def zone(pbx: Pbx) -> tzinfo:
    """Of the PBX's own clock, which its tables are written by: a setting, else the account's."""
    name = str(pbx.options.get("zone") or "") or accounts.by_id(pbx.account_id).timezone or DEFAULT_ZONE
    return ZoneInfo(name)


@dataclass(slots=True)
class _Reading:
    """One look into the tables of one PBX."""

    ctx: Context
    pbx: Pbx
    tables: Tables
    source: Source
    rules: TelephonyRules = field(init=False)
    ahead: timedelta = field(init=False)
    position: int | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        self.rules = configuration.current(self.pbx.account_id).telephony
        self.ahead = pbxes.state(self.pbx.id).clock_ahead

    def fresh(self) -> list[str]:
        """Linked ids of what was written since; the first look only notes where the tables end now."""
        before = readings.of(self.pbx.id)
        if before.position is None or before.source != self.source:
            self.position, self.until = self.tables.newest(self.source), self.ctx.now()
            return []
        if not self.tables.newest(self.source):
            self.until = self.ctx.now() - OVERLAP
            since = (before.read_until or self.until) - OVERLAP
            return self.of_period(since, self.ctx.now() + OVERLAP)
        rows = self.tables.after(self.source, before.position)
        self.position, self.until = before.position, before.read_until
        times = [(int(row["id"]), told.moment(row["at"], zone(self.pbx), self.ahead)) for row in rows]
        newest = max((at for _, at in times if at), default=None)
        if newest is not None:
            settled = [key for key, at in times if at and at < newest - OVERLAP]
            self.position, self.until = max(settled, default=before.position), newest
        return list(dict.fromkeys(str(row["linkedid"]) for row in rows))

    def of_period(self, since: datetime, until: datetime | None) -> list[str]:
        own = zone(self.pbx)
        end = (until or self.ctx.now() + OVERLAP) + self.ahead
        return self.tables.linked_between(
            self.source, (since + self.ahead).astimezone(own), end.astimezone(own)
        )

    def calls(self, linked: Sequence[str]) -> list[Call]:
        own, rules = zone(self.pbx), FoldRules.of(self.rules, self.pbx.code)
        has_parts = bool(self.tables.columns(CDR))
        parts = self.tables.whole(CDR, linked) if has_parts else []
        rows = [row for part in parts if (row := told.cdr_row(part, own, self.ahead))]
        if self.source is CDR:
            return cdr.calls_of(rows, self.pbx.id, rules)
        events_told = (told.cel_row(one, own, self.ahead) for one in self.tables.whole(CEL, linked))
        seen = [event for event in events_told if event]
        files = cdr.recordings(rows)
        return [_with_files(call, files) for call in cel.calls_of(seen, self.pbx.id, rules)]

    def done(self, is_whole: bool) -> None:
        if is_whole:
            readings.note(self.pbx.id, self.source.value, self.position or 0, self.until, self.ctx.now())


def _source(opened: Tables) -> Source:
    """CEL tells everything, CDR what it can."""
    for source in (CEL, CDR):
        if opened.columns(source):
            if "linkedid" not in opened.columns(source):
                raise InvalidInput("tables.no_linked_id", table=source)
            return source
    raise InvalidInput("tables.no_tables")


def _portions(reading: _Reading, linked: Sequence[str], repaired: Repaired) -> None:
    wanted = list(dict.fromkeys(linked))
    for start in range(0, len(wanted), PORTION):
        _take(reading, reading.calls(wanted[start : start + PORTION]), repaired)


def _take(reading: _Reading, found: Sequence[Call], repaired: Repaired) -> None:
    """What is news of these calls is written, and those whose facts have changed are decided."""
    ctx, pbx, now = reading.ctx, reading.pbx, reading.ctx.now()
    news: list[Call] = []
    for call in found:
        repaired.found += 1
        if call.source is CDR and now - (call.ended_at or now) < SETTLED:
            continue
        known = calls.known_as(pbx.account_id, call)
        if known is None and call.uniq not in repaired.added:
            news.append(call)
            repaired.added.append(call.uniq)
        elif known is not None and (better := _better(known, call, now)):
            news.append(better)
            repaired.completed.append(better.uniq)
    for source in {call.source for call in news}:
        mark = FILES if source is Source.AMI else source
        _write(ctx, pbx, reading.rules, [call for call in news if call.source == source], mark)


def _better(known: CallRow, told_now: Call, now: datetime) -> Call | None:
    """The call as it is to be kept; None when the row says it already, or its end is still being heard: parts
    tell of ends while the call goes on.
    """
    before = known.call
    if known.state == calls.OPEN:
        is_fresh = now - (told_now.ended_at or now) < FRESH or told_now.source is CDR
        return None if is_fresh and known.stage != Stage.ENDED else merging.completed(before, told_now)
    if not before.is_incomplete:
        is_poorer = not before.recordings and told_now.recordings
        return replace(before, recordings=told_now.recordings) if is_poorer else None
    whole = merging.completed(before, told_now)
    return whole if _differs(before, whole) else None


def _differs(before: Call, after: Call) -> bool:
    is_near = abs(before.talk - after.talk) <= SLACK and abs(before.wait - after.wait) <= SLACK
    names = ("way", "outcome", "miss", "client", "trunk", "rung", "talked", "recordings", "is_incomplete")
    return not is_near or any(getattr(before, name) != getattr(after, name) for name in names)


def _awaited(pbx: Pbx) -> list[CallRow]:
    """Over by what was heard, and waiting for what the tables say of them."""
    return [row for row in calls.open_calls(pbx.id) if row.stage == Stage.ENDED]


def _linked(rows: Iterable[CallRow]) -> list[str]:
    return [linked for row in rows for linked in sorted(row.call.linked)]


def _give_up(ctx: Context, pbx: Pbx, repaired: Repaired, patience: timedelta) -> None:
    """The tables do not tell of them: what was heard has to do."""
    old = [row for row in _awaited(pbx) if row.updated_at + patience <= ctx.now()]
    if old:
        rules = configuration.current(pbx.account_id).telephony
        _write(ctx, pbx, rules, [row.call for row in old], "")
        repaired.closed += [row.uniq for row in old]


def _write(ctx: Context, pbx: Pbx, rules: TelephonyRules, ended: Sequence[Call], mark: str) -> None:
    if not ended:
        return
    lanes.lane_id(pbx.account_id, live.CALLS_LANE)
    with db.atomic():
        calls.save_many(pbx.account_id, [live.seen(call, rules, pbx.code) for call in ended], ctx.now())
        _record(ctx, pbx, ended, mark)
    ctx.ring(lanes.lane_id(pbx.account_id, live.CALLS_LANE))


def _record(ctx: Context, pbx: Pbx, ended: Sequence[Call], mark: str) -> None:
    """An event for each, to be decided. A call ends once; `mark` tells why it is decided once more."""
    events.record_many(ctx.now(), [live.ended_event(pbx, call, mark) for call in ended])


def _with_files(call: Call, files: Mapping[str, Sequence[str]]) -> Call:
    names = (name for linked in sorted(call.linked) for name in files.get(linked, ()))
    return replace(call, recordings=tuple(dict.fromkeys(names)))
