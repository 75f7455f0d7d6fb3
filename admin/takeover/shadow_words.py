"""The comparison in words: rules by their names, both sides of a difference as people would say them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from admin.names import Names
from admin.pages import language
from backend import texts
from backend.core import money
from backend.core.money import Kopecks
from backend.flows.rules import configuration
from backend.store.takeover_diffs import DiffRow, PartRow

NOBODY = "takeover_shadow.nobody"


@dataclass(frozen=True, slots=True)
class Side:
    """A part of a comparison: what differs, and both sides of it."""

    part: PartRow
    what: str
    ours: str
    theirs: str


class Words:
    def __init__(self, account_id: int) -> None:
        self._names = Names(account_id)
        self._rules = configuration.current(account_id)
        self._lang = language()

    def rule(self, rule: str) -> str:
        """`category`, `stage:no_show`, `skipped:no_route`, `field:500`."""
        name, _, about = rule.partition(":")
        if name == "field":
            return self._t("rule.field", field=self._names.field(int(about)))
        if name == "stage":
            return self._t("rule.stage", phase=self._phase(about))
        if name in ("skipped", "kept"):
            return self._t(f"rule.{name}", reason=self._reason(about))
        code = f"takeover_shadow.rule.{name}"
        return texts.t(code, self._lang) if texts.has(code) else rule

    def diff(self, diff: str) -> str:
        return self._t(f"class.{diff}.name")

    def salon(self, company_id: int) -> str:
        branch = self._rules.branch(company_id)
        return branch.title if branch else f"№ {company_id}"

    def side(self, row: DiffRow, part: PartRow) -> Side:
        ours, theirs = self._value(row, part, part.ours), self._value(row, part, part.theirs)
        if part.what == "lead":
            ours, theirs = self._leads(part)
        return Side(part, self._what(part.what), ours, theirs)

    def _what(self, what: str) -> str:
        name, _, about = what.partition(":")
        return self._names.field(int(about)) if name == "field" else self._t(f"what.{what}")

    def _value(self, row: DiffRow, part: PartRow, value: object) -> str:
        if value in (None, ""):
            return self._t("empty")
        match part.what:
            case "pipeline_id":
                return self._names.pipeline(int(str(value)))
            case "stage_id":
                pipeline = (row.theirs or {}).get("pipeline_id")
                return self._names.stage(pipeline, int(str(value))).name
            case "responsible_id":
                return self._names.user(int(str(value))) if value else self._t("nobody")
            case "price":
                return money.shown(Kopecks(int(str(value))))
            case _:
                return self._field(part.what, str(value))

    def _field(self, what: str, value: str) -> str:
        """A date is no number."""
        field_id = int(what.partition(":")[2] or 0)
        if value.isdecimal() and self._names.is_date(field_id):
            return f"{datetime.fromtimestamp(int(value), UTC):%d.%m.%Y %H:%M} UTC"
        return value

    def _leads(self, part: PartRow) -> tuple[str, str]:
        """Of a difference about the lead itself."""
        rule, _, about = part.rule.partition(":")
        there = self._lead(part.theirs)
        match rule:
            case "skipped":
                return self._t("lead.skipped", reason=self._reason(about)), there
            case "split" | "next_visit":
                direction = self._rules.direction(str(part.ours))
                title = direction.title if direction else ""
                return self._t(f"lead.{rule}", direction=title), self._t("lead.alone")
            case "double":
                ids = part.theirs if isinstance(part.theirs, list) else []
                return self._t("lead.one"), self._t("lead.more", ids=", ".join(f"№ {n}" for n in ids))
            case "lead_gone":
                return self._t("lead.changed"), there
        return (self._lead(part.ours) if isinstance(part.ours, int) else self._t("lead.new")), there

    def _lead(self, lead_id: object) -> str:
        return self._t("lead.number", id=lead_id) if lead_id else self._t("lead.none")

    def _phase(self, phase: str) -> str:
        code = f"phase.{phase}"
        return texts.t(code, self._lang) if texts.has(code) else phase

    def _reason(self, reason: str) -> str:
        for code in (f"takeover_shadow.reason.{reason}", f"outcome_short.{reason}"):
            if texts.has(code):
                return texts.t(code, self._lang)
        return reason

    def _t(self, code: str, **values: object) -> str:
        return texts.t(f"takeover_shadow.{code}", self._lang, **values)
