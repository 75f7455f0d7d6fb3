"""YCLIENTS' JSON → payments of visits, cards of clients and their abonements (yclients.md §§11, 13, 16)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backend.core.clients import Abonement, ClientCard
from backend.core.errors import InvalidInput
from backend.core.money import ZERO, Kopecks
from backend.core.payments import PaidBy, Payment, VisitMoney
from backend.core.salon import DEFAULT_ZONE
from backend.integrations.http import JsonObject
from backend.integrations.yclients import parse
from backend.integrations.yclients.parse import NAME, flag, number, text

# Two of the numbers stand in the documentation's samples; the others only their titles can tell.
KINDS = {8: PaidBy.CERTIFICATE, 11: PaidBy.DEPOSIT}
WORDS = (
    ("абонемент", PaidBy.ABONEMENT),
    ("сертификат", PaidBy.CERTIFICATE),
    ("личного сч", PaidBy.DEPOSIT),
    ("депозит", PaidBy.DEPOSIT),
    ("списание", PaidBy.BONUS),
)
UNITS = {1: 1, 2: 7, 3: 30, 4: 365}  # period_unit_id → days; only the first stands in a sample
OVER = 3  # an abonement's status «Просрочен»


def visit(data: JsonObject, timezone: str) -> VisitMoney:
    """The details of a visit: every booking of it, all its payments."""
    zone = ZoneInfo(timezone)
    try:
        dues: dict[int, Kopecks] = {}
        for row in _rows(data, "items"):
            record_id = number(row.get("record_id"))
            dues[record_id] = Kopecks(dues.get(record_id, 0) + parse.money(row.get("cost") or 0))
        payments = (
            *(_payment(row, zone) for row in _rows(data, "payment_transactions")),
            *(found for row in _rows(data, "loyalty_transactions") if (found := _withdrawal(row))),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput("yclients.money_malformed", error=type(error).__name__) from error
    return VisitMoney(dues, payments)


def card(data: JsonObject, company_id: int, timezone: str = DEFAULT_ZONE) -> ClientCard:
    """A client's card, of the REST API or of a hook."""
    try:
        spelled = " ".join(part for part in (text(data.get("name")), text(data.get("surname"))) if part)
        return ClientCard(
            card=f"{NAME}:{company_id}:{number(data['id'])}",
            name=text(data.get("display_name")) or spelled,
            phone=parse.phone(data.get("phone")),
            email=text(data.get("email")),
            changed_at=_maybe(data.get("last_change_date"), ZoneInfo(timezone)),
            visits=number(data["visits"]) if data.get("visits") not in (None, "") else None,
            labels=tuple(label.title for label in parse.labels(data.get("categories")) if label.title),
            do_not_send=flag(data["sms_not"]) if data.get("sms_not") is not None else None,
            spent=parse.money(data["spent"]) if data.get("spent") not in (None, "") else None,
            discount=number(data.get("discount")),
            loyalty_card=text(data.get("card")),
            birthday=_birthday(data.get("birth_date")),
            is_gone=flag(data.get("deleted")),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput("yclients.client_malformed", error=type(error).__name__) from error


def abonements(rows: Iterable[JsonObject], timezone: str) -> tuple[Abonement, ...]:
    """Those that can still be used, as the desk names them."""
    zone = ZoneInfo(timezone)
    try:
        return tuple(
            _abonement(row, zone) for row in rows if number((row.get("status") or {}).get("id")) != OVER
        )
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise InvalidInput("yclients.abonement_malformed", error=type(error).__name__) from error


def _abonement(row: JsonObject, zone: ZoneInfo) -> Abonement:
    kind = row.get("type") or {}
    began = _maybe(row.get("activated_date") or row.get("created_date"), zone)
    days = number(row.get("period")) * UNITS.get(number(row.get("period_unit_id")), 1)
    return Abonement(
        id=number(row["id"]),
        number=text(row.get("number")),
        title=text(kind.get("title")),
        balance=text(row.get("balance_string")),
        visits=_count(kind),
        until=(began + timedelta(days=days)) if began and days else None,
    )


def _count(holder: JsonObject) -> int:
    """How many visits there are in it: one number for all services, or one for each."""
    united = number(holder.get("united_balance_services_count"))
    links = (holder.get("balance_container") or {}).get("links") or ()
    return united or sum(number(link.get("count")) for link in links if isinstance(link, dict))


def _payment(row: JsonObject, zone: ZoneInfo) -> Payment:
    return Payment(PaidBy.MONEY, parse.money(row.get("amount") or 0), _maybe(row.get("date"), zone))


def _withdrawal(row: JsonObject) -> Payment | None:
    """What covered a part of the visit; discounts are in the price already, and accruals pay nothing."""
    kind = row.get("type") or {}
    title = text(kind.get("title")).casefold()
    by = KINDS.get(number(row.get("type_id")))
    by = by or next((paid_by for words, paid_by in WORDS if words in title), None)
    if flag(row.get("is_loyalty_withdraw")):
        by = by or PaidBy.BONUS
    if by is None or flag(row.get("is_discount")) or "начисление" in title:
        return None
    amount = parse.money(row.get("amount") or 0)
    return Payment(by, Kopecks(abs(amount))) if amount != ZERO else None


def _rows(data: JsonObject, name: str) -> list[JsonObject]:
    rows = data.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _maybe(value: object, zone: ZoneInfo) -> datetime | None:
    return parse.moment(str(value), zone) if value else None


def _birthday(value: object) -> str:
    """An empty one may look like the first day of computing."""
    written = text(value)
    return "" if written in ("1970-01-01", "0000-00-00") else written[:10]
