"""One value, many spellings: what a text in the CRM may stand for, and how a booking would look there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from backend.core import phones
from backend.core.salon import Booking
from backend.core.takeover.recognition import What

NUMERIC = re.compile(r"\d+(?:[.,]0+)?")
PHONE = re.compile(r"[+\d][\d\s()\-]{8,20}")
PIECES = re.compile(r"\s*[\n;]\s*|,\s+")
SPACES = re.compile(r"\s+")
UNIX = "unix"
UNIX_DAY = "unix_day"  # the day alone, as seconds of its midnight
FORMS = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M:%S",
         "%d.%m.%Y в %H:%M", "%d.%m.%Y", "%Y-%m-%d")  # fmt: skip
EPOCHS = (1_000_000_000, 4_000_000_000)  # seconds that can be meant as a day of ours
FARTHEST = timedelta(hours=26)  # of a constant shift: every zone of the world, and a summer hour
LONGEST = 200  # characters of a text that can be one value


@lru_cache(maxsize=2_000)
def folded(text: str) -> str:
    """Equal for texts that people take for one."""
    return SPACES.sub(" ", text.casefold().replace("ё", "е")).strip(" .")


@lru_cache(maxsize=2_000)
def spellings(text: str) -> tuple[str, ...]:
    """What this text may be known as: as it stands, as a number, as a phone."""
    if len(text) > LONGEST:
        return ()
    found = [folded(text)]
    plain = text.replace("\u00a0", "").replace(" ", "")
    if NUMERIC.fullmatch(plain):
        found.append(re.split(r"[.,]", plain)[0])
    if PHONE.fullmatch(text.strip()) and (key := phones.key(text)):
        found.append(key.lstrip("+"))
    return tuple(dict.fromkeys(one for one in found if one))


@lru_cache(maxsize=2_000)
def pieces(text: str) -> tuple[str, ...]:
    """A list of titles as its titles."""
    return tuple(folded(one) for one in PIECES.split(text) if one.strip())


def known(booking: Booking, salon: str = "") -> frozenset[tuple[What, str]]:
    """Everything of this booking that could stand alone in a field."""
    found: set[tuple[What, str]] = {
        (What.RECORD_ID, str(booking.record_id)),
        (What.COMPANY_ID, str(booking.branch_id)),
        (What.PRICE, str(booking.price // 100)),
    }
    found |= {(What.SALON, folded(salon))} if salon else set()
    found |= {(What.VISIT_ID, str(booking.visit_id))} if booking.visit_id else set()
    if booking.staff.id:
        found |= {(What.STAFF_ID, str(booking.staff.id)), (What.STAFF, folded(booking.staff.name))}
    if booking.comment:
        found.add((What.COMMENT, folded(booking.comment)[:LONGEST]))
    for line in booking.lines:
        found |= {(What.SERVICE_ID, str(line.service_id)), (What.SERVICE_TITLES, folded(line.title))}
        found |= {(What.CATEGORY, folded(line.category))} if line.category else set()
    found |= _of_client(booking)
    return frozenset((what, value) for what, value in found if value)


def _of_client(booking: Booking) -> set[tuple[What, str]]:
    client = booking.client
    if client is None:
        return set()
    card = client.card.rpartition(":")[2]
    key = phones.key(client.phone) or ""
    return {
        (What.CLIENT_ID, card),
        (What.PHONE, key.lstrip("+")),
        (What.CLIENT_NAME, folded(client.name)),
    }


# Dates


@dataclass(frozen=True, slots=True)
class Written:
    """A moment as a text shows it: a clock without a zone, or (`is_exact`) the moment itself."""

    form: str
    clock: datetime
    is_exact: bool = False


@lru_cache(maxsize=2_000)
def moments(text: str) -> Written | None:
    """A text read as a date; None when it is none."""
    short = text.strip()
    if short.isdigit():
        seconds = int(short[:11])
        exact = datetime.fromtimestamp(seconds, UTC) if EPOCHS[0] < seconds < EPOCHS[1] else None
        return Written(UNIX, exact, is_exact=True) if exact else None
    if len(short) > 25 or not short[:1].isdigit():
        return None
    for form in FORMS:
        try:
            return Written(form, datetime.strptime(short, form))  # noqa: DTZ007 - a clock on a wall
        except ValueError:
            continue
    return None


def has_time(form: str) -> bool:
    return "%H" in form or form == UNIX


@dataclass(frozen=True, slots=True)
class Own:
    """What the bookings of one person would look like in the CRM: `values` → what they are, and their
    times.
    """

    values: Mapping[str, frozenset[What]]
    times: tuple[tuple[What, datetime, datetime], ...]  # what, the clock it shows, the moment
    titles: tuple[frozenset[str], ...] = field(default=())

    def shifts(self, written: Written) -> frozenset[tuple[What, str, int]]:
        """(what, form, minutes later) for each time of theirs that this may be."""
        found = set()
        for what, clock, moment in self.times:
            if not written.is_exact and not has_time(written.form):
                found |= {(what, written.form, 0)} if clock.date() == written.clock.date() else set()
                continue
            apart = written.clock - (moment if written.is_exact else clock)
            if abs(apart) <= FARTHEST and not apart % timedelta(minutes=1):
                found.add((what, written.form, apart // timedelta(minutes=1)))
            if written.is_exact and _is_midnight(written.clock, clock, moment):
                found.add((what, UNIX_DAY, 0))
        return frozenset(found)

    def has_titles(self, text: str) -> bool:
        """Whether all services of one of the bookings are named in the text."""
        return any(all(title in text for title in titles) for titles in self.titles if titles)


def _is_midnight(exact: datetime, clock: datetime, moment: datetime) -> bool:
    """Whether this is the midnight with which the booking's day begins in its salon."""
    ahead = clock - moment.replace(tzinfo=None)
    begins = datetime.combine(_day(clock), datetime.min.time())
    return exact.replace(tzinfo=None) + ahead == begins


def _day(clock: datetime) -> date:
    return clock.date()


def own(bookings: Sequence[Booking], zones: Mapping[int, tzinfo], salons: Mapping[int, str]) -> Own:
    """Of one person; `zones` and `salons` by the salon's number."""
    values: dict[str, frozenset[What]] = {}
    times: list[tuple[What, datetime, datetime]] = []
    for booking in bookings:
        for what, value in known(booking, salons.get(booking.branch_id, "")):
            values[value] = values.get(value, frozenset()) | {what}
        times += _times(booking, zones.get(booking.branch_id, UTC))
    titles = tuple(frozenset(folded(line.title) for line in one.lines) for one in bookings)
    return Own(values, tuple(times), titles)


def _times(booking: Booking, zone: tzinfo) -> Iterable[tuple[What, datetime, datetime]]:
    for what, moment in ((What.DATE, booking.starts_at), (What.CREATED, booking.created_at)):
        yield what, moment.astimezone(zone).replace(tzinfo=None), moment
    in_utc = booking.starts_at.astimezone(UTC).replace(tzinfo=None)
    yield What.DATE_UTC, in_utc, booking.starts_at
