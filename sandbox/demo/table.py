"""What the viewer reads at the end: booking → lead, what went wrong, and where to look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.demo.checker import Verdict, key_for
from sandbox.demo.day import BookingPlan, Day

Plain = dict[str, Any]
HEAD = ("салон", "запись", "дата", "сделка", "воронка", "этап", "бюджет", "ответственный", "почему")
WIDEST = 60


class Names:
    """Ids of the account in words."""

    def __init__(self, crm: Plain) -> None:
        self.users = {user["id"]: user["name"] for user in crm["users"]}
        self.pipelines = {pipeline["id"]: pipeline["name"] for pipeline in crm["pipelines"]}
        self.stages = {
            (pipeline["id"], stage["id"]): stage["name"]
            for pipeline in crm["pipelines"]
            for stage in pipeline["_embedded"]["statuses"]
        }


def rows(
    plans: Iterable[BookingPlan], day: Day, verdict: Verdict, records: Mapping[str, int], told: Told
) -> list[tuple[str, ...]]:
    titles = {salon["id"]: salon["title"] for salon in day.salons}
    shown = []
    for plan in plans:
        client = (plan.booking["client"] or {}).get("name", "—")
        key = key_for(plan, records) if plan.id in records else ""
        lead = verdict.lead_of.get(plan.id)
        head = (titles[plan.salon], client, plan.booking["datetime"][5:16])
        shown.append((*head, *_lead_cells(lead, told.names), told.reasons.get(key, "")))
    return shown


class Told:
    """What others say of a booking: the account's names, and the product's own reasons by record key."""

    def __init__(self, crm: Plain, listed: list[Plain]) -> None:
        self.names = Names(crm)
        self.reasons = {row["key"]: str(row.get("reason") or "") for row in listed}


def _lead_cells(lead: Plain | None, names: Names) -> tuple[str, ...]:
    if lead is None:
        return ("—", "", "", "", "")
    place = (lead["pipeline_id"], lead["status_id"])
    return (
        str(lead["id"]),
        names.pipelines.get(place[0], str(place[0])),
        names.stages.get(place, str(place[1])),
        f"{lead['price']:,} ₽".replace(",", " "),
        names.users.get(lead["responsible_user_id"], str(lead["responsible_user_id"])),
    )


def render(body: list[tuple[str, ...]]) -> str:
    """Columns as wide as their longest cell; the last one is free."""
    cells = [HEAD, *body]
    widths = [min(max(len(row[n]) for row in cells), WIDEST) for n in range(len(HEAD) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in cells
    ]
    return "\n".join([lines[0].rstrip(), "─" * len(lines[0]), *(line.rstrip() for line in lines[1:])])


def problems(verdict: Verdict) -> str:
    return "\n".join(f"  {finding.kind}: {finding.about} — {finding.text}" for finding in verdict.findings)
