"""«Почему сделка здесь»: the newest decision that says something about a lead, as a person reads it: one
sentence, then what was known, which leads came into question, by which rule, and what that changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from backend import texts
from backend.core import money
from backend.core.crm import CrmSchema
from backend.core.errors import TryLater
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import Configuration, FieldName
from backend.core.salon import Phase, branch_of
from backend.core.sync.links import Link
from backend.flows.rules import configuration, schemas
from backend.flows.widget.reader import Reader
from backend.store import configs, outbox
from backend.store.bookings import BookingRow
from backend.store.inbound import InboundEvent

Json = dict[str, object]
Data = Mapping[str, Any]

TELLS_NOTHING = (Reason.UP_TO_DATE, Reason.STALE)  # «why this lead?» is answered by the decision before
LINKING = (Reason.CREATED, Reason.ATTACHED, Reason.ATTACHED_AMBIGUOUS, Reason.CONTINUED)
DATES = ("date", "date_time")
LONGEST = 200  # characters of a value worth showing in a column


def told(
    reader: Reader, key: str, row: BookingRow | None, link: Link | None, latest: Sequence[InboundEvent]
) -> Json | None:
    """Events are kept for a month, the reason of the newest one for good: the sentence outlives its facts."""
    decided = [event for event in latest if event.status == "done" and event.reason]
    event = next((e for e in decided if e.reason not in TELLS_NOTHING), decided[0] if decided else None)
    reason = event.reason if event else row.reason if row else None
    if reason is None or not texts.has(f"reason.{reason}"):
        return None
    details = {**_details(reader, key, link), **_decision(event).get("details", {})}
    at = (event.closed_at or event.received_at) if event else row.updated_at if row else None
    return {
        "sentence": reader.text(f"reason.{reason}", **details),
        "when": reader.when(at) if at else "",
        "parts": _Parts(reader, key, link, event, _linking(decided) or event).all() if event else [],
    }


def _linking(decided: Sequence[InboundEvent]) -> InboundEvent | None:
    """The decision that chose the lead, when it is young enough to be remembered."""
    return next((event for event in decided if event.reason in LINKING), None)


def _decision(event: InboundEvent | None) -> Data:
    return (event.decision or {}) if event else {}


def _details(reader: Reader, key: str, link: Link | None) -> dict[str, str]:
    """What the sentence may name, from what is known now."""
    branch, direction = reader.branch(key), ""
    if link and link.direction:
        found = configuration.current(reader.account.id).direction(link.direction)
        direction = found.title if found else ""
    named = {
        "branch": branch.title if branch else "",
        "lead": str(link.lead_id) if link else "",
        "direction": direction,
    }
    return {name: value for name, value in named.items() if value}


class _Parts:
    """The folds under the sentence; a part without lines is left out."""

    def __init__(
        self, reader: Reader, key: str, link: Link | None, event: InboundEvent, linking: InboundEvent
    ) -> None:
        self.reader, self.key, self.link, self.event, self.linking = reader, key, link, event, linking
        self.facts: Data = _decision(event).get("facts") or {}

    def all(self) -> list[Json]:
        found = {
            "facts": list(self._facts()),
            "candidates": list(self._candidates()),
            "rule": list(self._rule()),
            "changes": list(self._changes()),
        }
        return [
            {"title": self.reader.text(f"card.why.{name}"), "lines": lines}
            for name, lines in found.items()
            if lines
        ]

    # What was known

    def _facts(self) -> Iterator[Json]:
        booking = self.facts.get("booking")
        if not booking:
            return
        branch = self.reader.branch(self.key)
        yield self._line("visit", self.reader.when(datetime.fromisoformat(booking["starts_at"]), branch))
        yield self._line("status", self.reader.text(f"phase.{booking['phase']}"))
        yield self._line("services", ", ".join(line["title"] for line in booking["services"]))
        yield self._line("price", money.shown(Kopecks(booking["price"])))
        if self.facts.get("contact_id"):
            yield self._line("contact", f"№ {self.facts['contact_id']}")
        else:
            yield self._line("contact", self.reader.text("card.why.no_contact"))

    # Which leads came into question

    def _candidates(self) -> Iterator[Json]:
        decision = _decision(self.linking)
        facts, chosen = decision.get("facts") or {}, decision.get("details", {}).get("lead")
        if facts.get("lead"):
            yield self._lead(facts["lead"], self.reader.text("card.why.rank.linked"))
            return
        for lead in sorted(facts.get("candidates") or (), key=lambda each: str(each["id"]) != chosen):
            yield self._lead(lead, self._rank(lead, is_chosen=str(lead["id"]) == chosen))

    def _rank(self, lead: Data, *, is_chosen: bool) -> str:
        """The thought of the moment of the decision: what is known now would tell another story. Decisions
        before there were any written down know of the booking that held the lead at most.
        """
        thought = lead.get("rank") or ("held" if lead.get("holder") not in (None, self.key) else "none")
        if not is_chosen:
            return self.reader.text(f"card.why.rank.{thought}")
        if not str(thought).isdigit():
            return self.reader.text("card.why.taken")
        return self.reader.text("card.why.chosen", why=self.reader.text(f"card.why.rank.{thought}"))

    def _lead(self, lead: Data, hint: str) -> Json:
        return {"text": f"№ {lead['id']}", "lead_id": lead["id"], "hint": hint}

    # By which rule

    def _rule(self) -> Iterator[Json]:
        branch = self._rules.branch(branch_of(self.key))
        direction = self._rules.direction(self.link.direction) if self.link and self.link.direction else None
        if not (branch and direction):
            return
        yield self._line("salon", branch.title)
        yield self._line("direction", direction.title)
        route = self._rules.route(branch.company_id, direction.key)
        if not route:
            return
        yield self._line("pipeline", self._pipeline(route.pipeline_id))
        phase = (self.facts.get("booking") or {}).get("phase")
        if phase and (stage := route.stages.get(Phase(phase))):
            label = self.reader.text("card.why.stage_of", status=self.reader.text(f"phase.{phase}"))
            yield {"label": label, "text": self._stage(route.pipeline_id, stage)}

    # What it changed

    def _changes(self) -> Iterator[Json]:
        commands = outbox.of_event(self.event.id)
        last = max((command.attempt for command in commands), default=0)
        for command in commands:
            if command.attempt == last and command.status in ("done", "observed"):
                yield from self._changed(command.payload)

    def _changed(self, wish: Data) -> Iterator[Json]:
        """Not the name: it holds the client's, which a card of ours never repeats."""
        was = self._before(wish.get("lead_id"))
        if wish.get("price") is not None:
            before = money.shown(Kopecks(was["price"])) if "price" in was else ""
            yield self._line("price", money.shown(Kopecks(wish["price"])), before)
        if wish.get("stage_id"):
            stage = self._stage(wish.get("pipeline_id") or was.get("pipeline_id"), wish["stage_id"])
            before = self._stage(was.get("pipeline_id"), was["stage_id"]) if was else ""
            yield self._line("stage", stage, before)
        if wish.get("responsible_id") and not wish.get("due"):
            yield self._line("responsible", self._user(wish["responsible_id"]))
        for field in wish.get("fields") or ():
            if field["value"] not in (None, "", []) and field["field_id"] != self._key_field:
                yield self._field(field)
        if wish.get("text"):
            yield self._line("task" if wish.get("due") else "note", str(wish["text"]))

    def _before(self, lead_id: object) -> Data:
        known = [self.facts.get("lead") or {}, *(self.facts.get("candidates") or ())]
        return next((lead for lead in known if lead_id and lead.get("id") == lead_id), {})

    def _line(self, label: str, text: str, before: str | None = "") -> Json:
        old = "" if before == text else (before or "")
        return {
            "label": self.reader.text(f"card.why.label.{label}"),
            "text": text[:LONGEST] or "—",
            "before": old[:LONGEST],
        }

    def _field(self, field: Data) -> Json:
        known = self._schema.lead_fields if self._schema else ()
        about = next((one for one in known if one.id == field["field_id"]), None)
        value = field["value"]
        if isinstance(value, int) and about and about.type in DATES:
            shown = self.reader.when(datetime.fromtimestamp(value, UTC), self.reader.branch(self.key))
        else:
            shown = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
        return {"label": about.name if about else f"№ {field['field_id']}", "text": shown[:LONGEST] or "—"}

    # Names instead of numbers

    @cached_property
    def _key_field(self) -> int | None:
        """Ours alone: no person reads it."""
        return configs.field_ids(self.reader.account.id).get(FieldName.KEY)

    @cached_property
    def _rules(self) -> Configuration:
        return configuration.current(self.reader.account.id)

    @cached_property
    def _schema(self) -> CrmSchema | None:
        try:
            return schemas.load(self.reader.account.id)
        except TryLater:
            return None

    def _pipeline(self, pipeline_id: int) -> str:
        known = self._schema.pipelines if self._schema else ()
        return next((one.name for one in known if one.id == pipeline_id), f"№ {pipeline_id}")

    def _stage(self, pipeline_id: int | None, stage_id: int) -> str:
        """The two closing stages have the same numbers in every pipeline."""
        known = [stage for one in (self._schema.pipelines if self._schema else ()) for stage in one.stages]
        fits = [stage for stage in known if stage.id == stage_id]
        own = [stage for stage in fits if stage.pipeline_id == pipeline_id]
        return next((stage.name for stage in own or fits), f"№ {stage_id}")

    def _user(self, user_id: int) -> str:
        known = self._schema.users if self._schema else ()
        return next((user.name for user in known if user.id == user_id), f"№ {user_id}")
