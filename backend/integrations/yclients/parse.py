"""YCLIENTS' JSON → bookings and catalogues. Types are loose: numbers as text, false as 0, nothing as []."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from backend.core.errors import InvalidInput
from backend.core.money import ZERO, Kopecks, from_rubles
from backend.core.payments import Goods
from backend.core.salon import Booking, Catalogue, Client, Label, Phase, Service, ServiceLine, StaffMember
from backend.integrations.http import JsonObject

NAME = "yclients"
LARGEST = 2**63  # of what a database keeps
PHASES = {0: Phase.WAITING, 2: Phase.CONFIRMED, 1: Phase.ARRIVED, -1: Phase.NO_SHOW}


def booking(data: JsonObject, timezone: str) -> Booking:
    """A record of the journal; `timezone` is the branch's. A deleted record may bring little but its id."""
    try:
        zone = ZoneInfo(timezone)
        branch_id = number(data["company_id"])
        changed_at = moment(data.get("last_change_date") or data["create_date"], zone)
        return Booking(
            source=NAME,
            branch_id=branch_id,
            record_id=number(data["id"]),
            phase=_phase(data),
            starts_at=_starts_at(data, zone),
            changed_at=changed_at,
            created_at=moment(data["create_date"], zone) if data.get("create_date") else changed_at,
            client=_client(an_object(data.get("client")), branch_id),
            lines=tuple(_line(row) for row in data.get("services") or ()),
            staff=_staff(data),
            comment=text(data.get("comment")),
            duration_seconds=number(data.get("seance_length") or data.get("length")),
            visit_id=number(data.get("visit_id")),
            is_online=flag(data.get("online")),
            is_paid=flag(data.get("paid_full")),
            author_id=number(data.get("created_user_id")),
            labels=tuple(labels(data.get("record_labels"))),
            visitor=text(an_object(data.get("comer")).get("title")),
            event_id=number(data.get("activity_id")),
            places=number(data.get("clients_count")) or 1,
            goods=tuple(_goods(row) for row in data.get("goods_transactions") or ()),
            is_prepaid=flag(data.get("prepaid_confirmed")),
            mark=text(data.get("api_id")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        what = error.args[0] if isinstance(error, KeyError) and error.args else type(error).__name__
        raise InvalidInput("yclients.record_malformed", error=what) from error


def phase(data: object) -> Phase | None:
    """Only where a record stands, for the wait before it is looked at; None when that cannot be read."""
    if not isinstance(data, dict):
        return None
    with suppress(ValueError):
        return Phase.CANCELLED if flag(data.get("deleted")) else PHASES.get(number(data.get("attendance")))
    return None


def catalogue(
    categories: Iterable[JsonObject], services: Iterable[JsonObject], staff: Iterable[JsonObject]
) -> Catalogue:
    try:
        return Catalogue(
            categories=tuple((number(row["id"]), text(row.get("title"))) for row in categories),
            services=tuple(
                Service(number(row["id"]), text(row.get("title")), number(row.get("category_id")) or None)
                for row in services
            ),
            staff=tuple(StaffMember(number(row["id"]), text(row.get("name"))) for row in staff),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("yclients.catalogue_malformed", error=type(error).__name__) from error


def number(value: object) -> int:
    """A whole number written as a number, as text or not at all (0); "1000.00" is one too."""
    if value is None or value == "" or value == []:
        return 0
    if isinstance(value, int | str | Decimal):
        with suppress(ArithmeticError):
            decimal = Decimal(value)
            if -LARGEST < decimal < LARGEST:
                return int(decimal)
    raise ValueError("not a number")


def flag(value: object) -> bool:
    """True, 1, "1" and "true"; everything else is no."""
    return value is True or str(value).lower() in ("1", "true")


def _phase(data: JsonObject) -> Phase:
    found = phase(data)
    if found is None:
        raise InvalidInput("yclients.attendance_unknown", value=str(data.get("attendance"))[:20])
    return found


def _line(row: JsonObject) -> ServiceLine:
    """Costs of a line are totals: discount and quantity are in them already."""
    price = next((row[name] for name in ("cost_to_pay", "cost") if row.get(name) not in (None, "")), 0)
    full = row.get("first_cost")
    return ServiceLine(
        service_id=number(row["id"]),
        title=text(row.get("title")),
        price=money(price),
        amount=number(row.get("amount")) or 1,
        full_price=money(full) if full not in (None, "") else ZERO,
    )


def _goods(row: JsonObject) -> Goods:
    """The amount is negative: it left the storage."""
    price = next((row[name] for name in ("cost_to_pay", "cost") if row.get(name) not in (None, "")), 0)
    return Goods(text(row.get("title")), money(price), abs(number(row.get("amount"))) or 1)


def _client(row: JsonObject, branch_id: int) -> Client | None:
    """A record without a client is a time block that nobody is booked into."""
    if not row:
        return None
    spelled = " ".join(part for part in (text(row.get("name")), text(row.get("surname"))) if part)
    return Client(
        card=f"{NAME}:{branch_id}:{card}" if (card := number(row.get("id"))) else "",
        name=text(row.get("display_name")) or spelled,
        phone=phone(row.get("phone")),
        email=text(row.get("email")),
        no_shows=number(row.get("fail_visits_count")),
        visits=number(row["success_visits_count"]) if row.get("success_visits_count") is not None else None,
        is_new=flag(row["is_new"]) if row.get("is_new") is not None else None,
        labels=tuple(label.title for label in labels(row.get("client_tags")) if label.title),
        discount=number(row.get("discount")),
        loyalty_card=text(row.get("card")),
        birthday=text(row.get("birthday")),
    )


def labels(rows: object) -> Iterable[Label]:
    """Ids come as texts here."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield Label(number(row.get("id")), text(row.get("title")))


def phone(value: object) -> str:
    """As the salon wrote it, but one number is one text, whichever of its three shapes the API chose."""
    written = text(value)
    return f"+{written}" if written.isdecimal() and len(written) == 11 and written[0] == "7" else written


def _staff(data: JsonObject) -> StaffMember:
    row = an_object(data.get("staff"))
    return StaffMember(number(data.get("staff_id") or row.get("id")), text(row.get("name")))


def _starts_at(data: JsonObject, zone: ZoneInfo) -> datetime:
    """The wall clock of the salon; the offset of `datetime` cannot be trusted (yclients.md §3.5)."""
    naive = data.get("date")
    if naive:
        return datetime.fromisoformat(naive).replace(tzinfo=zone).astimezone(UTC)
    return moment(data["datetime"], zone)


def moment(value: str, zone: ZoneInfo) -> datetime:
    read = datetime.fromisoformat(value)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def money(value: object) -> Kopecks:
    if isinstance(value, int | str | Decimal):
        with suppress(ArithmeticError):
            if -LARGEST < Decimal(value) < LARGEST:
                return from_rubles(value)
    raise ValueError("not a sum of money")


def an_object(value: object) -> JsonObject:
    """An object; `[]` and null are empty ones."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    return (
        "" if value is None or isinstance(value, bool | dict | list) else str(value).replace("\0", "").strip()
    )
