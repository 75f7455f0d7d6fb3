"""What the page of the comparison shows: salons with their gates, classes, days, rules, examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from admin import report_charts
from admin.forms import Form
from admin.takeover.shadow_words import Side, Words
from backend.core.rules.configuration import Branch
from backend.core.takeover import gate
from backend.core.takeover.gate import Gate, Said
from backend.core.takeover.shadow import ALIKE, ORDER, Diff
from backend.flows.rules import configuration
from backend.flows.takeover.beside import gate as gates
from backend.flows.widget import spoken
from backend.store import db, takeover_diffs, takeover_shadows, takeover_verdicts
from backend.store.accounts import Account
from backend.store.takeover_diffs import Asked, DiffRow, RuleCount
from backend.store.takeover_shadows import ShadowRow
from backend.store.takeover_verdicts import VerdictRow

DAYS = 30
OF_GET8 = (Diff.GET8_MISSED, Diff.GET8_DUPLICATE, Diff.HUMAN)
OURS = (Diff.OURS_MISSED, Diff.OURS_EXTRA)
GROUPS = (
    ("alike", ALIKE, ""), ("by_rule", (Diff.EXPLAINED,), "warn"), ("ours", OURS, "bad"),
    ("others", OF_GET8, "soft"),
)  # fmt: skip
TONES = {
    Diff.EQUAL: "good", Diff.EQUAL_LATER: "good", Diff.EXPLAINED: "warn", Diff.OURS_MISSED: "bad",
    Diff.OURS_EXTRA: "bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`chosen` asks the same again."""

    asked: Asked
    chosen: Mapping[str, str]
    today: date
    zone_offset: timedelta

    def rules(self, found: Sequence[Rule]) -> list[tuple[str, str]]:
        """Choices of the form: each rule once, whatever its classes."""
        return list({one.count.rule: (one.count.rule, one.words) for one in found}.values())


@dataclass(frozen=True, slots=True)
class Salon:
    """A salon of the configuration, its comparison if it has one, and its gate."""

    branch: Branch
    shadow: ShadowRow | None
    gate: Gate

    @property
    def is_working(self) -> bool:
        return self.shadow is not None and self.shadow.ended_at is None

    @property
    def began_anew(self) -> datetime | None:
        """Since when the time counts, when it is not from the beginning."""
        since = self.gate.since
        return since if self.shadow and since and since > self.shadow.begun_at else None

    @property
    def days_part(self) -> int:
        return min(gate.DAYS, self.gate.days)

    @property
    def records_part(self) -> int:
        return min(gate.RECORDS, self.gate.records)


@dataclass(frozen=True, slots=True)
class Rule:
    """Differences of one class and rule: how many, which share of everything compared, what was said."""

    count: RuleCount
    words: str
    percent: int
    said: Said | None
    remarks: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True)
class Example:
    row: DiffRow
    sides: tuple[Side, ...]

    @property
    def lag(self) -> timedelta | None:
        seconds = self.row.lag_seconds
        return timedelta(seconds=seconds) if seconds is not None else None


def filters(account: Account, form: Form, now: datetime) -> Filters:
    """What is not known of is not asked."""
    companies = tuple(str(branch.company_id) for branch in configuration.current(account.id).branches)
    salon, diff = form.choice("salon", companies), form.choice("class", tuple(map(str, Diff)))
    rule = form.text("rule", is_required=False) or None
    local = now.astimezone(spoken.zone(account.timezone))
    chosen = {name: value for name, value in (("salon", salon), ("class", diff), ("rule", rule)) if value}
    asked = Asked(account.id, int(salon) if salon else None, diff, rule, now - timedelta(days=DAYS))
    return Filters(asked, chosen, local.date(), local.utcoffset() or timedelta())


def salons(account: Account) -> list[Salon]:
    known = takeover_shadows.of_account(account.id)
    return [
        Salon(branch, known.get(branch.company_id), gates.of(account.id, branch.company_id))
        for branch in configuration.current(account.id).branches
    ]


def picture(account: Account, found: Filters) -> dict[str, Any]:
    """Classes, days and lags of the salon that is asked for, whatever the class."""
    asked = Asked(account.id, found.asked.company_id, since=found.asked.since)
    counts = takeover_diffs.counts(asked)
    total = sum(counts.values())
    parts = [(name, sum(counts.get(d, 0) for d in diffs), tone) for name, diffs, tone in GROUPS]
    return {
        "counts": [(diff, counts.get(diff, 0)) for diff in reversed(ORDER)],
        "total": total,
        "strip": report_charts.strip(parts, total),
        "chart": _chart(asked, found),
        "lags": tuple(timedelta(seconds=one) for one in takeover_diffs.lags(asked) or ()),
        "tones": TONES,
    }


def rules(account: Account, found: Filters, words: Words) -> list[Rule]:
    """Every rule in which something differs, the commonest first."""
    asked = Asked(account.id, found.asked.company_id, since=found.asked.since)
    total = sum(takeover_diffs.counts(asked).values())
    said = takeover_verdicts.words(account.id, found.asked.company_id)
    if found.asked.company_id is None:
        said = [one for one in said if one.company_id == gate.EVERYWHERE]
    everything = takeover_verdicts.all_of(account.id)
    return [
        Rule(
            one, words.rule(one.rule), round(100 * one.count / total) if total else 0,
            gate.word(Diff(one.diff), one.rule, said), _about(one, everything, found.asked.company_id),
        )
        for one in takeover_diffs.rules(asked)
    ]  # fmt: skip


def _about(one: RuleCount, words: Sequence[VerdictRow], company_id: int | None) -> tuple[VerdictRow, ...]:
    """What was said of it, the newest first: of this salon and of all, or everything."""
    return tuple(
        row
        for row in words
        if (row.diff, row.rule) == (one.diff, one.rule)
        and (company_id is None or row.company_id in (gate.EVERYWHERE, company_id))
    )


def examples(rows: Sequence[DiffRow], words: Words) -> list[Example]:
    parts = takeover_diffs.parts(row.id for row in rows)
    return [Example(row, tuple(words.side(row, part) for part in parts.get(row.id, ()))) for row in rows]


def _chart(asked: Asked, found: Filters) -> report_charts.Chart | None:
    by_day = takeover_diffs.trend(asked, found.zone_offset)
    if not by_day:
        return None
    epoch = db.EPOCH.date()
    first = min(epoch + timedelta(days=day) for day, _ in by_day)
    first = min(first, found.today - timedelta(days=report_charts.FEWEST - 1))

    def of(*diffs: Diff) -> dict[date, int]:
        values: dict[date, int] = {}
        for (day, diff), count in by_day.items():
            if diff in diffs:
                values[epoch + timedelta(days=day)] = values.get(epoch + timedelta(days=day), 0) + count
        return values

    series = {name: (tone, of(*diffs)) for name, diffs, tone in GROUPS}
    return report_charts.of_days("shadow", report_charts.days_of(first, found.today), series)
