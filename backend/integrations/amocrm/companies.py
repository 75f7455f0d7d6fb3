"""Companies by number. amoCRM's search takes any part of any field, so what it finds is compared again."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core import phones
from backend.core.errors import InvalidInput
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import JsonObject

NATIONAL = 10  # digits of a number that are looked for, however it is written
MOST = 50


@dataclass(frozen=True, slots=True)
class Company:
    id: int
    lead_ids: tuple[int, ...] = ()


def with_number(client: AmoClient, number: str) -> Company | None:
    """The oldest company with this number."""
    return next(iter(all_with_number(client, number)), None)


def all_with_number(client: AmoClient, number: str) -> tuple[Company, ...]:
    """Oldest first, each with the leads that it has now."""
    key = phones.key(number)
    if key is None:
        return ()
    digits = "".join(character for character in number if character.isdigit())[-NATIONAL:]
    rows, _ = client.page(
        "companies", "companies", {"query": digits, "with": "leads", "limit": MOST, "page": 1}
    )
    try:
        found = [_company(row) for row in rows if key in _keys(row)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput("amocrm.company_malformed", error=type(error).__name__) from error
    return tuple(sorted(found, key=lambda one: one.id))


def are_there(client: AmoClient) -> bool:
    """Whether the account has any company."""
    rows, _ = client.page("companies", "companies", {"limit": 1, "page": 1})
    return bool(rows)


def _company(row: JsonObject) -> Company:
    leads = (row.get("_embedded") or {}).get("leads") or ()
    return Company(int(row["id"]), tuple(int(one["id"]) for one in leads))


def _keys(row: JsonObject) -> set[str | None]:
    fields = [one for one in row.get("custom_fields_values") or () if one.get("field_code") == "PHONE"]
    values = (str(value.get("value") or "") for one in fields for value in one.get("values") or ())
    return {phones.key(part) for value in values for part in phones.split(value)}
