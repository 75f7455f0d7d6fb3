"""Counters in words: the numbers of each as a sentence, and what does not agree with names instead of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from admin.names import Names
from backend import texts
from backend.core import money
from backend.core.money import Kopecks
from backend.core.takeover.counters import Code, Counter, Odd
from backend.flows.takeover.counting.counters import Snapshot

AREA = "takeover_counters"


@dataclass(frozen=True, slots=True)
class Row:
    """One counter at both moments; None: not counted."""

    code: Code
    before: Counter | None
    after: Counter | None


def rows(before: Snapshot | None, after: Snapshot | None) -> Sequence[Row]:
    """Nothing before anything was counted."""
    if before is None and after is None:
        return ()
    return [Row(code, _of(before, code), _of(after, code)) for code in Code]


def _of(snapshot: Snapshot | None, code: Code) -> Counter | None:
    return next((one for one in snapshot.counters if one.code is code), None) if snapshot else None


class Words:
    """In one language, with the names of one account."""

    def __init__(self, account_id: int, lang: str) -> None:
        self._names, self._lang = Names(account_id), lang

    def _t(self, code: str, **values: object) -> str:
        return texts.t(f"{AREA}.{code}", self._lang, **values)

    def value(self, counter: Counter) -> str:
        numbers = dict(counter.value)
        if counter.code is Code.LAG and numbers["seconds"] < 0:
            return self._t("value.lag_none", missed=numbers["missed"])
        if counter.code is Code.YESTERDAY:
            sums = {name: money.shown(Kopecks(sum_)) for name, sum_ in numbers.items()}
            tail = "_explained" if numbers["explained"] else ""
            return self._t(f"value.yesterday{tail}", **sums)
        return self._t(f"value.{counter.code}", **numbers)

    def why(self, odd: Odd) -> str:
        return self._t(f"why.{odd.why}", **self._details(odd))

    def _details(self, odd: Odd) -> dict[str, object]:
        details = dict(odd.details)
        if odd.why == "stage":
            pipeline = int(str(details["pipeline"]))
            for name in ("stage", "wanted"):
                details[name] = self._names.stage(pipeline, int(str(details[name]))).name
        if odd.why == "money":
            cause = texts.t(f"reports.cause.{details['cause']}", self._lang)
            sums = {name: money.shown(Kopecks(int(str(details[name])))) for name in ("leads", "record")}
            details = {**sums, "cause": cause}
        if odd.why == "foreign":
            details["what"] = self._what(str(details["what"]))
        return details

    def _what(self, what: str) -> str:
        """A property of a lead, or the name of its field."""
        name, _, field_id = what.partition(":")
        if field_id.isdecimal():
            return self._names.field(int(field_id))
        code = f"{AREA}.what.{name}"
        return texts.t(code, self._lang) if texts.has(code) else what
