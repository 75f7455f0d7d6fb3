"""The judge: compares what the salons hold with what the CRM holds, both asked over HTTP.

It knows nothing of the product.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.crash.salon import PIPELINE_OF

STAGE_OF = {0: 1, 2: 2, -1: 5}  # attendance → the stage's number in its pipeline
ARRIVED, WON, LOST = 1, 142, 143
RESPONSIBLE = {8001: 7000001, 8002: 7000002}


@dataclass
class Verdict:
    bookings: int = 0
    leads: int = 0
    never_opened: int = 0  # deleted before anybody acted on them
    problems: list = field(default_factory=list)

    def count(self, kind):
        return sum(problem.startswith(kind) for problem in self.problems)

    def __str__(self):
        kinds = ("duplicate lead", "duplicate contact", "duplicate note", "lost", "stray", "wrong")
        counts = " ".join(f"{kind.replace(' ', '_')}s={self.count(kind)}" for kind in kinds)
        return f"bookings={self.bookings} leads={self.leads} never_opened={self.never_opened} {counts}"


def judge(salons, crm, pairs):
    """`pairs` are (company id, account's domain); `salons` and `crm` are the control addresses."""
    verdict = Verdict()
    for company, domain in pairs:
        records = salons.read("state", company_id=company)["records"]
        account = crm.read("state", domain=domain)
        _leads(company, records, account, verdict)
        _contacts(account["contacts"], verdict)
        _notes(account["notes"], verdict)
    return verdict


def _leads(company, records, account, verdict):
    by_key = defaultdict(list)
    for lead in account["leads"]:
        by_key[_value(lead, "MOSTIK_KEY")].append(lead)
    for record in records:
        key = f"yclients:{company}:{record['id']}"
        found = by_key.pop(key, [])
        verdict.bookings += 1
        verdict.leads += len(found)
        if not found and record["deleted"]:
            verdict.never_opened += 1
        elif not found:
            verdict.problems.append(f"lost {key}")
        verdict.problems += [f"duplicate lead {lead['id']} of {key}" for lead in found[1:]]
        for lead in found:
            verdict.problems += [f"wrong {key}: {text}" for text in _differences(record, lead, account)]
    verdict.problems += [f"stray lead {lead['id']} of {key!r}" for key in by_key for lead in by_key[key]]


def _differences(record, lead, account):
    pipeline = PIPELINE_OF[record["services"][0]["id"]]
    stage = _stage(record, 8100 if pipeline == 8001 else 8200)
    if (lead["pipeline_id"], lead["status_id"]) != (pipeline, stage):
        yield f"stands in {lead['pipeline_id']}/{lead['status_id']} and not in {pipeline}/{stage}"
    budget = sum(float(line["cost"]) for line in record["services"])
    if not record["deleted"] and lead["price"] != budget:
        yield f"budget {lead['price']} and not {budget}"
    if lead["responsible_user_id"] != RESPONSIBLE[pipeline]:
        yield f"responsible {lead['responsible_user_id']}"
    contacts = {contact["id"]: contact for contact in account["contacts"]}
    phones = [p for link in lead["_embedded"]["contacts"] for p in _phones(contacts[link["id"]])]
    if phones != [_digits(record["client"]["phone"])]:
        yield f"phones {phones}"


def _stage(record, first):
    if record["deleted"]:
        return LOST
    attendance = int(record["attendance"])
    return WON if attendance == ARRIVED else first + STAGE_OF[attendance]


def _contacts(contacts, verdict):
    owners = Counter(phone for contact in contacts for phone in _phones(contact))
    verdict.problems += [f"duplicate contact {phone}: {n}" for phone, n in owners.items() if n > 1]


def _notes(notes, verdict):
    texts = Counter((note["entity_id"], note["params"].get("text")) for note in notes)
    verdict.problems += [
        f"duplicate note of lead {lead}: {text}" for (lead, text), n in texts.items() if n > 1
    ]


def _value(lead, code):
    rows = [row for row in lead["custom_fields_values"] or () if row["field_code"] == code]
    return rows[0]["values"][0]["value"] if rows else ""


def _phones(contact):
    rows = [row for row in contact["custom_fields_values"] or () if row["field_code"] == "PHONE"]
    return [_digits(value["value"]) for row in rows for value in row["values"]]


def _digits(phone):
    return "".join(ch for ch in str(phone) if ch.isdigit())[-10:]
