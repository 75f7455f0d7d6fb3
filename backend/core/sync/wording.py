"""Words we write into the CRM: lead names, notes, tasks, field texts. In the account's language, in the
salon's local time.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from backend.core import money
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase, ServiceLine
from backend.core.sync.matching import Shares

PHASES = {
    Phase.WAITING: "Ожидаем",
    Phase.CONFIRMED: "Подтвердил",
    Phase.ARRIVED: "Пришёл",
    Phase.NO_SHOW: "Не пришёл",
    Phase.CANCELLED: "Запись отменена",
}
NO_PHONE_TAG = "без телефона"


def zone(booking: Booking, rules: BookingRules) -> ZoneInfo:
    branch = rules.configuration.branch(booking.branch_id)
    return ZoneInfo((branch.timezone if branch else None) or rules.configuration.timezone)


def moment(at: datetime, where: ZoneInfo) -> str:
    return at.astimezone(where).strftime("%d.%m.%Y %H:%M")


def lead_name(booking: Booking, shares: Shares, rules: BookingRules) -> str:
    day = booking.starts_at.astimezone(zone(booking, rules)).strftime("%d.%m.%Y")
    parts = (shares.main.title if shares.main else "", client_name(booking), day)
    return " · ".join(part for part in parts if part)


def client_name(booking: Booking) -> str:
    client = booking.client
    return (client.name or client.phone or "Клиент") if client else ""


def services(booking: Booking) -> str:
    return "\n".join(_service(line) for line in booking.lines)


def amounts(shares: Shares) -> str:
    """How much of the booking each direction earns; the lines add up to its price (INV4)."""
    return "\n".join(f"{direction.title} — {money.shown(sum_)}" for direction, sum_ in shares.directions)


def _service(line: ServiceLine) -> str:
    amount = f" × {line.amount}" if line.amount > 1 else ""
    return f"{line.title}{amount} — {money.shown(line.price)}"


def booking_note(booking: Booking, rules: BookingRules, is_attached: bool) -> str:
    """What the administrator wants to read first when the card opens."""
    branch = rules.configuration.branch(booking.branch_id)
    when = moment(booking.starts_at, zone(booking, rules))
    head = "Запись привязана к сделке" if is_attached else "Новая запись"
    lines = [
        f"{head}: {when}, {branch.title if branch else booking.branch_id}",
        f"Мастер: {booking.staff.name}" if booking.staff.name else "",
        services(booking),
        f"Итого: {money.shown(booking.price)}",
        f"Комментарий: {booking.comment}" if booking.comment else "",
    ]
    return "\n".join(line for line in lines if line)


def moved_note(before: str, booking: Booking, rules: BookingRules) -> str:
    where = zone(booking, rules)
    was = moment(datetime.fromisoformat(before), where)
    return f"Перенос записи: с {was} на {moment(booking.starts_at, where)}"


def comment_note(booking: Booking) -> str:
    return f"Комментарий к записи: {booking.comment}" if booking.comment else "Комментарий к записи удалён"


def closed_note(booking: Booking, rules: BookingRules) -> str:
    when = moment(booking.starts_at, zone(booking, rules))
    return (
        f"Запись на {when} изменилась ({PHASES[booking.phase]}), но сделка закрыта вручную. Этап не изменён."
    )


def closed_task(booking: Booking, rules: BookingRules) -> str:
    when = moment(booking.starts_at, zone(booking, rules))
    return f"Запись активна ({when}), а сделка закрыта. Проверьте, нужен ли клиенту визит."
