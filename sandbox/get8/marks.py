"""How a deal carries the number of its record, in each style, and how it is found by it."""

from __future__ import annotations

import re

from sandbox.get8.crm import Crm
from sandbox.get8.settings import Layout, Plain, Style

URL = "https://yclients.com/timetable/{company_id}#main_date={day}&open_modal_by_record_id={record_id}"
NOTE = "Запись YCLIENTS №{record_id} от {day}"
IN_URL = re.compile(r"/timetable/(\d+)#.*open_modal_by_record_id=(\d+)")


def about(record: Plain) -> Plain:
    return {
        "company_id": record["company_id"],
        "record_id": record["id"],
        "day": str(record["date"])[:10],
    }


def field_values(record: Plain) -> dict[str, str]:
    """Parts of a layout that mark a deal, with their values; the style decides which of them exist."""
    return {"record": str(record["id"]), "url": URL.format(**about(record))}


def note_text(style: Style, record: Plain) -> str:
    return NOTE.format(**about(record)) if style is Style.NOTE else ""


def is_marked(lead: Plain, layout: Layout) -> bool:
    """The deal belongs to some record already, as far as its card tells."""
    marks = {layout.ids.get("record"), layout.ids.get("url"), layout.ids.get("visit")} - {None}
    return any(row["field_id"] in marks for row in lead["custom_fields_values"] or ())


def find(crm: Crm, style: Style, layout: Layout, record: Plain, phone: str) -> int | None:
    """The oldest deal with this record's mark; a deal without a mark cannot be found."""
    if style is Style.NOTE:
        leads = crm.leads_of(crm.contacts(phone)) if phone else []
        wanted = NOTE.format(**about(record)).partition(" от ")[0]
        found = [lead["id"] for lead in leads if any(wanted in text for text in crm.notes(lead["id"]))]
    else:
        found = [lead["id"] for lead in crm.search(str(record["id"])) if _names(lead, layout, record)]
    return min(found, default=None)


def _names(lead: Plain, layout: Layout, record: Plain) -> bool:
    for row in lead["custom_fields_values"] or ():
        value = str(row["values"][0]["value"])
        if row["field_id"] == layout.ids.get("record") and value == str(record["id"]):
            return True
        if row["field_id"] == layout.ids.get("url") and (named := IN_URL.search(value)):
            return named.groups() == (str(record["company_id"]), str(record["id"]))
    return False
