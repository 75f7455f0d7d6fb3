"""The judge: reads both emulators and the configuration document, and knows nothing of the product.

The counters are those of the scenario catalogue's verification page. A lead belongs to a booking when
its field with the code MOSTIK_KEY begins with `yclients:COMPANY:RECORD`; what follows a `#` names the
direction of a satellite.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

Plain = dict[str, Any]
KEY_CODE = "MOSTIK_KEY"
PHASES = {0: "waiting", 2: "confirmed", 1: "arrived", -1: "no_show"}
ARRIVED = 1
TOLERANCE = 1


@dataclass(slots=True)
class Verdict:
    """`counted` are sizes worth telling, `findings` is everything that is not as it must be, by kind."""

    counted: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, kind: str, text: str) -> None:
        self.findings.append((kind, text))

    @property
    def kinds(self) -> Counter[str]:
        return Counter(kind for kind, _ in self.findings)


@dataclass(frozen=True)
class Rules:
    """The configuration document as far as the judge needs it."""

    document: Plain

    @cached_property
    def categories(self) -> dict[tuple[int, int], str]:
        return {
            (int(company), category): direction["key"]
            for direction in self.document["directions"]
            for company, categories in (direction.get("categories") or {}).items()
            for category in categories
        }

    @cached_property
    def default(self) -> str:
        return next(str(d["key"]) for d in self.document["directions"] if d.get("default"))

    @cached_property
    def priority(self) -> dict[str, int]:
        return {d["key"]: d.get("priority", 1000) for d in self.document["directions"]}

    @cached_property
    def routes(self) -> dict[tuple[int, str], Plain]:
        return {(route["branch"], route["direction"]): route for route in self.document["routes"]}

    @cached_property
    def excluded(self) -> dict[int, set[int]]:
        return {b["company_id"]: set(b.get("excluded_staff") or ()) for b in self.document["branches"]}

    def stage(self, company: int, pipeline: int, phase: str) -> int | None:
        """What the salon's mapping says in the pipeline where the lead stands."""
        for (branch, _), route in self.routes.items():
            if branch == company and route["pipeline"] == pipeline:
                found: int | None = route["stages"].get(phase)
                return found
        return None


@dataclass(frozen=True)
class World:
    """Both states, indexed."""

    rules: Rules
    records: dict[str, Plain]
    crm: Plain
    catalogue: dict[tuple[int, int], int]
    """(salon, service) → category."""
    touched: Mapping[int, Mapping[str, Any]]
    by_hand: frozenset[int]
    copies: frozenset[int]
    deleted: frozenset[str]

    @cached_property
    def leads(self) -> dict[str, list[Plain]]:
        """By the whole value of the key field; "" has those without one."""
        found: dict[str, list[Plain]] = defaultdict(list)
        for lead in self.crm["leads"]:
            found[value_of(lead, KEY_CODE)].append(lead)
        return found

    @cached_property
    def parts(self) -> dict[str, list[Plain]]:
        """Booking → the leads that carry its money: the main one and its satellites."""
        found: dict[str, list[Plain]] = defaultdict(list)
        for key, leads in self.leads.items():
            if key and ">" not in key:
                found[key.partition("#")[0]] += leads
        return found

    @cached_property
    def by_phone(self) -> dict[str, list[tuple[str, Plain]]]:
        found: dict[str, list[tuple[str, Plain]]] = defaultdict(list)
        for key, record in self.records.items():
            if record["client"]:
                found[digits(record["client"].get("phone"))].append((key, record))
        return found

    def directions(self, record: Plain) -> set[str]:
        where = int(record["company_id"])
        return {
            self.rules.categories.get(
                (where, self.catalogue.get((where, int(line["id"])), 0)), self.rules.default
            )
            for line in record["services"]
        }

    def is_visit(self, record: Plain) -> bool:
        """Passes the filters: somebody booked something with a real master."""
        excluded = self.rules.excluded[int(record["company_id"])]
        return bool(record["client"]) and bool(record["services"]) and int(record["staff_id"]) not in excluded


def judge(world: World) -> Verdict:
    verdict = Verdict()
    _bookings(world, verdict)
    _days(world, verdict)
    _keys(world, verdict)
    _strangers(world, verdict)
    _people(world, verdict)
    _notes(world, verdict)
    return verdict


# Bookings and their leads


def _bookings(world: World, verdict: Verdict) -> None:
    for key, record in world.records.items():
        leads = world.leads.get(key, [])
        if not world.is_visit(record):
            verdict.counted["no visits"] += 1
            for lead in leads:
                verdict.wrong("unexpected", f"{key}: lead {lead['id']} of what is no visit")
            continue
        verdict.counted["bookings"] += 1
        for lead in leads[1:]:
            verdict.wrong("duplicate", f"{key}: leads {leads[0]['id']} and {lead['id']}")
        if not leads:
            _without_lead(world, key, record, verdict)
            continue
        verdict.counted["with a lead"] += 1
        _stage(world, key, record, leads[0], verdict)
        _money(world, key, record, verdict)
        if not leads[0]["_embedded"]["contacts"]:
            verdict.wrong("no contact", f"{key}: lead {leads[0]['id']}")


def _without_lead(world: World, key: str, record: Plain, verdict: Verdict) -> None:
    """Right only where the catalogue says so: never opened, thrown away, or gone on with a later booking."""
    if record["deleted"]:
        verdict.counted["cancelled, no lead"] += 1
    elif key in world.deleted:
        verdict.counted["lead thrown away by a person"] += 1
    elif int(record["attendance"]) == -1 and _went_on(world, record):
        verdict.counted["continued by a later booking"] += 1
    else:
        verdict.wrong("missing", f"{key}: no lead, attendance {record['attendance']}, {record['date']}")


def _went_on(world: World, record: Plain) -> bool:
    """The same person has a later booking there, of the same direction, and it has the lead, or had it until
    somebody threw that away.
    """
    for key, other in world.by_phone[digits(record["client"].get("phone"))]:
        is_later = int(other["id"]) > int(record["id"]) and other["company_id"] == record["company_id"]
        has_it = bool(world.leads.get(key)) or key in world.deleted
        if is_later and has_it and world.directions(other) & world.directions(record):
            return True
    return False


def _stage(world: World, key: str, record: Plain, lead: Plain, verdict: Verdict) -> None:
    phase = "cancelled" if record["deleted"] else PHASES[int(record["attendance"])]
    wanted = world.rules.stage(int(record["company_id"]), lead["pipeline_id"], phase)
    hand = world.touched.get(lead["id"], {})
    if "closed" in hand:
        if lead["status_id"] != hand["closed"]:
            verdict.wrong("reopened", f"{key}: lead {lead['id']} was closed by a person")
    elif lead["status_id"] != wanted and hand.get("moved") != lead["status_id"]:
        verdict.wrong(
            "stage", f"{key}: lead {lead['id']} in {lead['status_id']} and not in {wanted} ({phase})"
        )


def _money(world: World, key: str, record: Plain, verdict: Verdict) -> None:
    """Σ budgets of all leads of a booking = its money: nothing is counted twice, nothing is lost."""
    if record["deleted"]:
        return
    wanted = sum(float(line["cost"]) for line in record["services"])
    found = sum(lead["price"] or 0 for lead in world.parts[key])
    if abs(found - wanted) > TOLERANCE:
        told = ", ".join(f"{lead['id']}: {lead['price']}" for lead in world.parts[key])
        verdict.wrong("money", f"{key}: {found:g} ({told}) and not {wanted:g}")
    verdict.counted["money of leads"] += round(found)
    verdict.counted["money of bookings"] += round(wanted)


def _days(world: World, verdict: Verdict) -> None:
    """What the leads of a salon's day say it earned is what its journal says."""
    sums: dict[tuple[int, str], float] = defaultdict(float)
    for key, record in world.records.items():
        if record["deleted"] or int(record["attendance"]) != ARRIVED or not world.parts.get(key):
            continue
        day = int(record["company_id"]), str(record["date"])[:10]
        sums[day] += sum(lead["price"] or 0 for lead in world.parts[key])
        sums[day] -= sum(float(line["cost"]) for line in record["services"])
    verdict.counted["days of salons with visits"] = len(sums)
    for (company, date), difference in sums.items():
        if abs(difference) > TOLERANCE:
            verdict.wrong("day", f"salon {company}, {date}: leads and journal differ by {difference:+g}")


# Keys and strangers


def _keys(world: World, verdict: Verdict) -> None:
    for key, leads in world.leads.items():
        if not key:
            continue
        verdict.counted["leads with a key"] += len(leads)
        base = key.partition("#")[0].partition(">")[0]
        if base not in world.records:
            verdict.wrong("unknown key", f"{key}: lead {leads[0]['id']}")
        if key != base:
            verdict.counted["satellites"] += "#" in key
            if len(leads) > 1:
                verdict.wrong("duplicate", f"{key}: {len(leads)} leads")


def _strangers(world: World, verdict: Verdict) -> None:
    """Leads without a key: of people, of robots, and nobody else's."""
    driven = _driven(world)
    for lead in world.leads[""]:
        if lead["id"] in world.by_hand:
            verdict.counted["leads of people"] += 1
        elif lead["created_by"] == 0:
            _robot_lead(lead, driven, verdict)
        else:
            verdict.wrong("stray", f"lead {lead['id']} «{lead['name']}» without a key")


Driven = dict[tuple[int, str, int], list[tuple[float, float]]]


def _driven(world: World) -> Driven:
    """(contact, salon, pipeline) in which active bookings drive open leads: when made, when the visit is."""
    found: Driven = defaultdict(list)
    for key, leads in world.leads.items():
        record = world.records.get(key.partition("#")[0])
        if record is None or record["deleted"] or int(record["attendance"]) not in (0, 2):
            continue
        for lead in leads:
            if not lead["closed_at"]:
                salon = value_of(lead, "MOSTIK_SALON")
                times = _moment(record["create_date"]), _moment(record["datetime"])
                for contact in lead["_embedded"]["contacts"]:
                    found[contact["id"], salon, lead["pipeline_id"]].append(times)
    return found


def _robot_lead(lead: Plain, driven: Driven, verdict: Verdict) -> None:
    """A lead that a robot opened after a success waits for the next booking; beside one that was there when
    it came it is superfluous.
    """
    if lead["closed_at"]:
        verdict.counted["robot's leads closed as superfluous"] += 1
        return
    verdict.counted["robot's leads that wait"] += 1
    salon = value_of(lead, "MOSTIK_SALON")
    if not salon:
        verdict.wrong("robot", f"lead {lead['id']} was not recognised: it has no salon")
    for contact in lead["_embedded"]["contacts"]:
        booked = driven.get((contact["id"], salon, lead["pipeline_id"]), ())
        if any(made < lead["created_at"] < visit for made, visit in booked):
            verdict.wrong("robot", f"lead {lead['id']} is superfluous: its person is booked already")


# People and notes


def _people(world: World, verdict: Verdict) -> None:
    owners = Counter(phone for contact in world.crm["contacts"] for phone in set(_phones(contact)))
    for phone, count in owners.items():
        if count > 1:
            verdict.wrong("contact", f"{count} contacts with the phone …{phone[-4:]}")
    verdict.counted["contacts"] = len(world.crm["contacts"])
    for lead in world.crm["leads"]:
        hand = world.touched.get(lead["id"], {})
        for name in ("name", "responsible_user_id"):
            if name in hand and lead[name] != hand[name]:
                verdict.wrong(
                    "overwritten", f"lead {lead['id']}: {name} is {lead[name]}, a person wrote {hand[name]}"
                )


def _notes(world: World, verdict: Verdict) -> None:
    texts = Counter((note["entity_id"], note["params"].get("text")) for note in world.crm["notes"])
    for (lead, text), count in texts.items():
        if count > 1:
            verdict.wrong("note", f"lead {lead}: {count} times «{str(text)[:60]}»")
    verdict.counted["notes"] = len(world.crm["notes"])


def value_of(lead: Plain, code: str) -> str:
    for custom in lead.get("custom_fields_values") or ():
        if custom.get("field_code") == code and custom.get("values"):
            return str(custom["values"][0]["value"])
    return ""


def _moment(stamp: object) -> float:
    return datetime.fromisoformat(str(stamp)).timestamp()


def digits(phone: object) -> str:
    return "".join(ch for ch in str(phone or "") if ch.isdigit())[-10:]


def _phones(contact: Plain) -> Iterator[str]:
    for custom in contact.get("custom_fields_values") or ():
        if custom.get("field_code") == "PHONE":
            yield from (digits(value["value"]) for value in custom["values"])


def by_key(records: Iterable[Plain]) -> dict[str, Plain]:
    return {f"yclients:{record['company_id']}:{record['id']}": record for record in records}
