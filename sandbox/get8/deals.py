"""What the deal of a record must hold by the settings of GET8."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.get8 import marks
from sandbox.get8.settings import Layout, Plain, Salon, Stages

LOST = 143


@dataclass(frozen=True, slots=True)
class Deal:
    """`fields` are values by field id; `stage` is what the attendance asks for."""

    name: str
    pipeline: int
    stage: int
    price: int
    responsible: int
    fields: dict[int, Any]
    tags: tuple[str, ...]

    def as_new(self, contact_id: int, first_stage: int) -> Plain:
        """A deal cannot be born lost: it goes to the first stage."""
        return {
            "name": self.name,
            "pipeline_id": self.pipeline,
            "status_id": first_stage if self.stage == LOST else self.stage,
            "price": self.price,
            "responsible_user_id": self.responsible,
            "custom_fields_values": field_rows(self.fields),
            "_embedded": {"contacts": [{"id": contact_id}], "tags": [{"name": tag} for tag in self.tags]},
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """What GET8 knew of a record when it wrote its deal the last time."""

    attendance: int
    is_deleted: bool
    price: int
    content: str


def seen_in(record: Plain) -> Seen:
    lines = [f"{line['id']}:{line['cost']}" for line in record["services"]]
    content = f"{record['date']}|{','.join(lines)}|{record['staff_id']}"
    return Seen(int(record["attendance"]), bool(record["deleted"]), price_of(record), content)


def price_of(record: Plain) -> int:
    return round(sum(float(line["cost"]) for line in record["services"]))


def digits(phone: Any) -> str:
    """Numbers without a plus and with a seven, however YCLIENTS shows them."""
    kept = "".join(char for char in str(phone or "") if char.isdigit())
    return "7" + kept[-10:] if len(kept) in {10, 11} and kept[0] in "789" else kept


def deal_of(record: Plain, salon: Salon, stages: Stages, layout: Layout, pipeline: int) -> Deal:
    client = record.get("client") or {}
    titles = ", ".join(str(line["title"]) for line in record["services"])
    words = {"client": client.get("name") or "Клиент", "services": titles or "Запись", "salon": salon.title}
    parts: dict[str, Any] = {
        **marks.field_values(record),
        "visit": int(datetime.fromisoformat(str(record["datetime"])).timestamp()),
        "services": titles,
        "staff": (record.get("staff") or {}).get("name") or "",
        "salon": salon.title,
    }
    return Deal(
        name=layout.name.format(**words),
        pipeline=pipeline,
        stage=stages.of(int(record["attendance"]), bool(record["deleted"])),
        price=price_of(record),
        responsible=salon.responsible_id,
        fields={layout.ids[part]: value for part, value in parts.items() if part in layout.ids},
        tags=(layout.tag,),
    )


def field_rows(fields: dict[int, Any]) -> list[Plain]:
    return [
        {"field_id": field_id, "values": [{"value": value}]}
        for field_id, value in fields.items()
        if value not in (None, "")
    ]


def differing(fields: dict[int, Any], lead: Plain) -> dict[int, Any]:
    """Those of the wanted values that the card does not hold."""
    held = {row["field_id"]: row["values"][0]["value"] for row in lead["custom_fields_values"] or ()}
    return {
        n: value for n, value in fields.items() if value not in (None, "") and not _same(held.get(n), value)
    }


def _same(held: Any, value: Any) -> bool:
    return str(held) == str(value)
