"""A return in words: what a value is called and how people write it, how far the machine is, what pressing
would mean now, and the report as a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import Response, make_response

from admin import story
from backend import texts
from backend.core.crm import CrmSchema
from backend.core.errors import TryLater
from backend.core.money import Kopecks, shown
from backend.core.takeover import undo
from backend.core.takeover.undo import FIELD, Line, Outcome
from backend.flows.reports import sheets
from backend.flows.reports.sheets import Cell, Kind, Sheet
from backend.flows.rules import schemas
from backend.flows.takeover.returning import rollback as flow
from backend.flows.widget import spoken
from backend.store import rollbacks
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.rollbacks import BornRow, LineRow, Rollback

DATES = ("date", "date_time", "birthday")
WAITS = "waits"
TONES = {
    **dict.fromkeys((Outcome.UNDO.value, Outcome.CLOSE.value, Outcome.SAME.value), "good"),
    **dict.fromkeys((Outcome.CHANGED.value, Outcome.UNKNOWN.value, rollbacks.FAILED), "warn"),
}
TROUBLE = (
    Outcome.CHANGED.value,
    Outcome.UNKNOWN.value,
    rollbacks.FAILED,
)  # what a person may want to look at


@dataclass(frozen=True)
class Words:
    """Of one account in one language."""

    language: str
    timezone: str | None
    types: dict[int, str] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)

    def t(self, code: str, **values: object) -> str:
        return texts.t(f"takeover_rollback.{code}", self.language, **values)

    def what(self, what: str) -> str:
        if not what.startswith(FIELD):
            return self.t(f"what.{what}")
        number = int(what.removeprefix(FIELD))
        return self.fields.get(number) or self.t("what.field", id=number)

    def value(self, what: str, text: str | None) -> str:
        if text is None:
            return self.t("unknown")
        if not text:
            return self.t("empty")
        if what == undo.PRICE:
            return shown(Kopecks(int(text)))
        if what == undo.STAGE:
            return self.stages.get(text, text)
        if what.startswith(FIELD) and self.types.get(int(what.removeprefix(FIELD))) in DATES:
            return self._moment(text)
        return text.replace("\n", ", ")

    def _moment(self, text: str) -> str:
        if not text.isdecimal():
            return text
        return f"{datetime.fromtimestamp(int(text), spoken.zone(self.timezone)):%d.%m.%Y %H:%M}"

    def outcome(self, row: LineRow) -> str:
        return self.t(f"outcome.{row.outcome if row.settled_at else WAITS}")


def words(account: Account, branch: BranchRow, language: str) -> Words:
    try:
        schema = schemas.load(account.id)
    except TryLater:  # not read yet: numbers instead of names
        return Words(language, branch.timezone)
    return Words(
        language,
        branch.timezone,
        {one.id: one.type for one in schema.lead_fields},
        {one.id: one.name for one in schema.lead_fields},
        _stages(schema),
    )


def _stages(schema: CrmSchema) -> dict[str, str]:
    return {
        f"{pipeline.id}:{stage.id}": f"{pipeline.name} → {stage.name}"
        for pipeline in schema.pipelines
        for stage in pipeline.stages
    }


# How far it is


@dataclass(frozen=True, slots=True)
class Stop:
    """A state on the way: `tone` is past, now or ahead."""

    state: str
    tone: str
    begun: datetime | None = None
    ended: datetime | None = None


def way(known: Rollback) -> list[Stop]:
    passed = {state: (begun, ended) for state, begun, ended in known.steps}
    return [_stop(state, known, passed.get(state, (None, None))) for state in flow.STATES[:-1]]


def _stop(state: str, known: Rollback, times: tuple[datetime | None, datetime | None]) -> Stop:
    is_now = state == known.state and not known.is_over
    tone = "now" if is_now else "past" if times[1] else "ahead"
    return Stop(state, tone, *times)


# What pressing would mean


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many values and stages would come back, how many somebody has changed since, how many leads are
    ours.
    """

    values: int = 0
    stages: int = 0
    changed: int = 0
    created: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.values or self.stages or self.changed or self.created)


def foreseen(lines: Sequence[Line]) -> Foreseen:
    counts = Counter((line.outcome, line.what == undo.STAGE) for line in lines if line.what != undo.CREATED)
    return Foreseen(
        counts[Outcome.UNDO, False],
        counts[Outcome.UNDO, True],
        counts[Outcome.CHANGED, False] + counts[Outcome.CHANGED, True],
        sum(line.what == undo.CREATED for line in lines),
    )


# The report


@dataclass(frozen=True, slots=True)
class Told:
    """A lead of the report: how many of its values ended how, and whether a person should look."""

    lead_id: int
    key: str
    rows: Sequence[LineRow]

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(row.outcome if row.settled_at else WAITS for row in self.rows))

    @property
    def is_trouble(self) -> bool:
        return any(row.outcome in TROUBLE for row in self.rows)


def leads(found: Mapping[int, Sequence[LineRow]]) -> list[Told]:
    return [Told(lead_id, rows[0].key, rows) for lead_id, rows in found.items()]


# As a file


def send(known: Rollback, said: Words, kind: Kind) -> Response:
    """CSV holds the values alone, as every CSV of ours holds its first sheet."""
    answer = make_response(sheets.write(kind, [_values(known, said), _born(known, said)]))
    answer.content_type = sheets.TYPES[kind]
    name = f"rollback_{known.company_id}_{known.begun_at:%Y-%m-%d}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _values(known: Rollback, said: Words) -> Sheet:
    heads = tuple(map(said.t, ("lead", "record", "value", "before", "after", "now", "result")))
    rows: list[tuple[Cell, ...]] = [
        (
            row.lead_id, story.number(row.key), said.what(row.what), said.value(row.what, row.before),
            said.value(row.what, row.after), said.value(row.what, row.now), said.outcome(row),
        )
        for row in rollbacks.lines(known.id)
    ]  # fmt: skip
    return Sheet(said.t("sheet_values"), heads, rows)


def _born(known: Rollback, said: Words) -> Sheet:
    heads = tuple(map(said.t, ("record", "lead", "mark", "copy", "result")))
    rows: list[tuple[Cell, ...]] = [
        (
            story.number(row.key),
            row.lead_id,
            row.mark or said.t("no_mark"),
            row.copy_id,
            copy_state(row, said),
        )
        for row in rollbacks.born(known.id)
    ]
    return Sheet(said.t("sheet_born"), heads, rows)


def copy_state(row: BornRow, said: Words) -> str:
    return said.t(f"copy_state.{row.state}") if row.state else said.t("no_copy")
