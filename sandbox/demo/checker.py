"""The judge: reads what the emulators hold, compares it with the script, and knows nothing of the product.

A lead belongs to a booking when its field with the code MOSTIK_KEY says `yclients:COMPANY:RECORD`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.day import BookingPlan, LeadPlan

Plain = dict[str, Any]
KEY_CODE = "MOSTIK_KEY"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; `kind` is duplicate, missing, unexpected or wrong."""

    kind: str
    about: str
    text: str


@dataclass(slots=True)
class Verdict:
    bookings: int = 0
    leads: int = 0
    findings: list[Finding] = field(default_factory=list)
    lead_of: dict[str, Plain] = field(default_factory=dict)

    @property
    def duplicates(self) -> int:
        return sum(finding.kind == "duplicate" for finding in self.findings)

    @property
    def wrong(self) -> int:
        return len(self.findings) - self.duplicates

    @property
    def is_good(self) -> bool:
        return not self.findings and self.bookings == self.leads


@dataclass(frozen=True, slots=True)
class Seeded:
    """A lead that existed before: the plan, and the lead as it was made."""

    plan: LeadPlan
    lead: Plain


def judge(
    plans: Iterable[BookingPlan], records: Mapping[str, int], seeded: Iterable[Seeded], crm: Mapping[str, Any]
) -> Verdict:
    """`records` is plan id → record id; `crm` is the state of the amoCRM account."""
    verdict = Verdict()
    by_key: dict[str, list[Plain]] = defaultdict(list)
    keyless: list[Plain] = []
    for lead in crm["leads"]:
        key = key_of(lead)
        (by_key[key] if key else keyless).append(lead)
    keys = {plan.id: key_for(plan, records) for plan in plans if plan.id in records}
    for plan in plans:
        if plan.id not in records:
            verdict.findings.append(Finding("missing", plan.id, "записи нет в песочнице"))
            continue
        _judge_booking(plan, by_key.pop(keys[plan.id], []), verdict)
    for plan in plans:
        if plan.expected.history_of and plan.expected.history_of in verdict.lead_of:
            verdict.lead_of[plan.id] = verdict.lead_of[plan.expected.history_of]
    for key, leads in by_key.items():
        verdict.findings += [Finding("unexpected", key, f"лишняя сделка {lead['id']}") for lead in leads]
    _judge_seeded(list(seeded), keyless, verdict)
    _judge_contacts(crm["contacts"], verdict)
    return verdict


def key_for(plan: BookingPlan, records: Mapping[str, int]) -> str:
    return f"yclients:{plan.salon}:{records[plan.id]}"


def key_of(lead: Plain) -> str:
    for custom in lead.get("custom_fields_values") or ():
        if custom.get("field_code") == KEY_CODE and custom.get("values"):
            return str(custom["values"][0]["value"])
    return ""


def _judge_booking(plan: BookingPlan, leads: list[Plain], verdict: Verdict) -> None:
    expected = plan.expected
    if not expected.has_lead:
        verdict.findings += [
            Finding("unexpected", plan.id, f"сделки {lead['id']} быть не должно") for lead in leads
        ]
        return
    verdict.bookings += 1
    if not leads:
        verdict.findings.append(Finding("missing", plan.id, "сделки нет"))
        return
    verdict.leads += len(leads)
    extra = [Finding("duplicate", plan.id, f"вторая сделка {lead['id']}") for lead in leads[1:]]
    verdict.findings += extra
    verdict.lead_of[plan.id] = leads[0]
    verdict.findings += [Finding("wrong", plan.id, text) for text in _differences(plan, leads[0])]


def _differences(plan: BookingPlan, lead: Plain) -> Iterable[str]:
    expected = plan.expected
    compared = (
        ("воронка", lead["pipeline_id"], expected.pipeline),
        ("этап", lead["status_id"], expected.stage),
        ("бюджет", lead["price"], expected.budget),
        ("ответственный", lead["responsible_user_id"], expected.responsible),
    )
    for name, found, wanted in compared:
        if found != wanted:
            yield f"{name}: {found}, ожидалось {wanted}"
    if not _contacts(lead):
        yield "у сделки нет контакта"


def _contacts(lead: Plain) -> list[Plain]:
    found: list[Plain] = (lead.get("_embedded") or {}).get("contacts") or []
    return found


def _judge_seeded(seeded: list[Seeded], keyless: list[Plain], verdict: Verdict) -> None:
    """Untouched leads must be as they were; every other lead without a key is one too many."""
    rest = {lead["id"]: lead for lead in keyless}
    taken = {lead["id"] for lead in verdict.lead_of.values()}
    for item in seeded:
        lead_id, name = item.lead["id"], item.plan.lead["name"]
        now = rest.pop(lead_id, None)
        if item.plan.is_taken:
            if lead_id not in taken:
                verdict.findings.append(
                    Finding("wrong", name, f"сделку {lead_id} должна была продолжить запись")
                )
        elif now is None or any(now[key] != item.lead[key] for key in UNTOUCHED):
            verdict.findings.append(Finding("wrong", name, f"сделку {lead_id} не должны были трогать"))
    verdict.findings += [Finding("unexpected", str(lead_id), "сделка без записи") for lead_id in rest]


UNTOUCHED = ("name", "price", "pipeline_id", "status_id", "responsible_user_id")


def _judge_contacts(contacts: list[Plain], verdict: Verdict) -> None:
    """One person, one card: no two contacts may share a phone."""
    owners: dict[str, set[int]] = defaultdict(set)
    for contact in contacts:
        for phone in _phones(contact):
            owners[phone].add(contact["id"])
    for phone, ids in owners.items():
        if len(ids) > 1:
            text = f"контакты {', '.join(map(str, sorted(ids)))} с одним телефоном"
            verdict.findings.append(Finding("duplicate", phone, text))


def _phones(contact: Plain) -> Iterable[str]:
    for custom in contact.get("custom_fields_values") or ():
        if custom.get("field_code") == "PHONE":
            for value in custom["values"]:
                yield "".join(ch for ch in str(value["value"]) if ch.isdigit())[-10:]
