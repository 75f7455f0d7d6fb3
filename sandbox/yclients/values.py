"""How the service writes and reads numbers, phones and moments, in all their looseness."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zlib import crc32

from sandbox.yclients.errors import ApiError

MOSCOW = timezone(timedelta(hours=3))


class Dice:
    """Repeatable choices for one object: they depend on the seed and on the object, never on threads."""

    def __init__(self, on: bool, *key: object) -> None:
        self.on = on
        self._bits = crc32(repr(key).encode()) if on else 0

    def pick(self, *variants: Any) -> Any:
        """The first variant is the strict one."""
        if not self.on:
            return variants[0]
        self._bits, choice = divmod(self._bits, len(variants))
        if self._bits < 256:
            self._bits = crc32(self._bits.to_bytes(4, "big") + bytes([choice]))
        return variants[choice]


def number(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 2)


def digits(phone: Any) -> str:
    """Any way of writing a phone as digits: 8 900… and 900… become 7900…"""
    kept = "".join(ch for ch in str(phone or "") if ch.isdigit())
    if len(kept) == 11 and kept.startswith("8"):
        return "7" + kept[1:]
    return "7" + kept if len(kept) == 10 and kept.startswith("9") else kept


def stamp(at: int, zone: tzinfo) -> str:
    """A moment with an offset without colon, as in last_change_date."""
    text = datetime.fromtimestamp(at, zone).isoformat()
    return text[:-3] + text[-2:]


def naive(at: datetime) -> str:
    return at.isoformat(" ", "seconds")


def wall_time(value: Any, zone: tzinfo) -> datetime:
    """The salon's wall time from what a caller sent: naive text, or ISO with an offset."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ApiError(422, "Не указано время", {"datetime": ["Недопустимый формат даты"]}) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone).replace(tzinfo=None)
    return moment


def day(value: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise ApiError(400, "Недопустимый формат запроса") from error


def moment(value: str, zone: tzinfo) -> int:
    """Unix seconds of a filter value; naive ones are read in the given zone."""
    try:
        at = datetime.fromisoformat(value.replace(" ", "T") if "T" not in value else value.replace(" ", "+"))
    except ValueError as error:
        raise ApiError(400, "Недопустимый формат запроса") from error
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp())


def filter_zone(switch: str, company_zone: tzinfo) -> tzinfo:
    """In which zone naive filter values are read is undocumented, hence a switch."""
    return {"utc": UTC, "utc+3": MOSCOW}.get(switch, company_zone)


def whole(value: Any, message: str = "Не найдено") -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise ApiError(404, message) from error
