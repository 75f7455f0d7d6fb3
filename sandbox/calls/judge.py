"""What became of the calls in amoCRM, against what was played. Pure: it is given both and asks nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls.plays import Expected

Plain = dict[str, Any]
KINDS = {"in": "call_in", "out": "call_out"}
SLACK = (
    1.6  # seconds: the vendor's field is whole ones, and a played call is a little longer than the recorded
)


@dataclass
class Verdict:
    """`wrong` and `duplicates` are zero when all is well; `findings` say what is not."""

    made: int = 0
    logged: int = 0
    wrong: int = 0
    duplicates: int = 0
    popup_ms: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong and not self.duplicates and self.made > 0

    def line(self) -> str:
        return (
            f"calls: made={self.made} logged={self.logged} wrong={self.wrong} "
            f"duplicates={self.duplicates} popup_p95_ms={self.popup_ms:.0f}"
        )

    def complain(self, expected: Expected, text: str) -> None:
        self.wrong += 1
        self.findings.append(f"{expected.number} {expected.direction}: {text}")


def judge(
    calls: Sequence[Expected], crm: Plain, users: Mapping[str, int], links: Mapping[str, str]
) -> Verdict:
    """`users`: phone → amoCRM's user. `links`: address of a recording → what is wrong with it, or ""."""
    verdict = Verdict(made=len(calls))
    notes = [note for note in crm["notes"] if note["note_type"] in KINDS.values()]
    known = {expected.number for expected in calls}
    for note in notes:
        if _number(note["params"].get("phone", "")) not in known:
            verdict.wrong += 1
            verdict.findings.append(f"a call of nobody is logged: {note['params']}")
    for expected in calls:
        mine = [note for note in notes if _number(note["params"].get("phone", "")) == expected.number]
        _judge_log(verdict, expected, mine, users, links)
        if expected.is_logged:
            _judge_client(verdict, expected, crm)
    return verdict


def _judge_log(
    verdict: Verdict,
    expected: Expected,
    notes: Sequence[Plain],
    users: Mapping[str, int],
    links: Mapping[str, str],
) -> None:
    if not expected.is_logged:
        verdict.wrong += len(notes)
        verdict.findings += [f"logged and should not be: {note['params']}" for note in notes]
        return
    if not notes:
        verdict.complain(expected, "not logged")
        return
    verdict.logged += 1
    verdict.duplicates += len(notes) - 1
    if len(notes) > 1:
        verdict.findings.append(f"{expected.number}: logged {len(notes)} times")
    for text in _differences(notes[0], expected, users, links):
        verdict.complain(expected, text)


def _differences(
    note: Plain, expected: Expected, users: Mapping[str, int], links: Mapping[str, str]
) -> list[str]:
    params, found = note["params"], []
    if note["note_type"] != KINDS[expected.direction]:
        found.append(f"logged as {note['note_type']}")
    if params.get("call_status") != expected.status:
        found.append(f"status {params.get('call_status')} and not {expected.status}")
    if abs(float(params.get("duration", 0)) - expected.talk) > SLACK:
        found.append(f"duration {params.get('duration')} and not {expected.talk}")
    if expected.talker and note["responsible_user_id"] != users[expected.talker]:
        found.append(f"responsible {note['responsible_user_id']} and not {users[expected.talker]}")
    if expected.talker:
        trouble = links.get(params.get("link", ""), "no link to a recording")
        found += [trouble] if trouble else []
    return found


def _judge_client(verdict: Verdict, expected: Expected, crm: Plain) -> None:
    """One contact with this number, one lead for whoever called us, one task for whoever was missed."""
    people = [contact for contact in crm["contacts"] if expected.number in _phones(contact)]
    if not people:
        verdict.complain(expected, "no contact")
        return
    verdict.duplicates += len(people) - 1
    ids = {contact["id"] for contact in people}
    leads = [lead for lead in crm["leads"] if ids & _contacts(lead)]
    wanted = 1 if expected.direction == "in" else 0
    if len(leads) < wanted or (not wanted and leads):
        verdict.complain(expected, f"{len(leads)} leads and not {wanted}")
    verdict.duplicates += max(0, len(leads) - 1)
    tasks = _tasks(crm["tasks"], ids, {lead["id"] for lead in leads})
    if len(tasks) != int(expected.is_missed):
        verdict.complain(expected, f"{len(tasks)} open tasks and not {int(expected.is_missed)}")


def _tasks(tasks: Sequence[Plain], contacts: Collection[int], leads: Collection[int]) -> list[Plain]:
    places = {("contacts", one) for one in contacts} | {("leads", one) for one in leads}
    return [t for t in tasks if not t["is_completed"] and (t["entity_type"], t["entity_id"]) in places]


def _contacts(lead: Plain) -> set[int]:
    return {contact["id"] for contact in lead["_embedded"]["contacts"]}


def _phones(contact: Plain) -> set[str]:
    fields = contact["custom_fields_values"] or ()
    values = [v["value"] for f in fields if f.get("field_code") == "PHONE" for v in f["values"]]
    return {_number(value) for value in values}


def _number(text: str) -> str:
    digits = "".join(sign for sign in text if sign.isdigit())
    return f"+7{digits[-10:]}"
