"""Words we write into the CRM: lead names, notes, tasks, field texts, in the salon's local time.

Names, notes and tasks are templates: the account's own where it has one, else the built-in words.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking
from backend.core.sync import said
from backend.core.sync.said import PHASES, Said, client_name, zone
from backend.core.sync.sharing import Shares
from backend.core.templates import builtin, fields

__all__ = ["PHASES", "client_name", "zone"]  # known to their readers as words

JOURNAL = "https://yclients.com"
NO_PHONE_TAG = "без телефона"
NEW, ATTACHED = "Новая запись", "Запись привязана к сделке"


def moment(at: datetime, where: ZoneInfo) -> str:
    return at.astimezone(where).strftime("%d.%m.%Y %H:%M")


def journal_url(booking: Booking, rules: BookingRules) -> str:
    """The day of the salon's journal with the booking opened."""
    day = booking.starts_at.astimezone(zone(booking, rules)).strftime("%Y-%m-%d")
    where = f"{JOURNAL}/timetable/{booking.branch_id}"
    return f"{where}#main_date={day}&open_modal_by_record_id={booking.record_id}"


def services(booking: Booking) -> str:
    return "\n".join(said.services(booking))


def amounts(shares: Shares) -> str:
    return "\n".join(said.amounts(shares))


def lead_name(booking: Booking, shares: Shares, rules: BookingRules) -> str:
    return text(fields.LEAD_NAME, Said(booking, rules, shares))


def booking_note(booking: Booking, rules: BookingRules, is_attached: bool) -> str:
    """What the administrator wants to read first when the card opens."""
    return text(fields.BOOKING_NOTE, Said(booking, rules, news=ATTACHED if is_attached else NEW))


def moved_note(before: str, booking: Booking, rules: BookingRules) -> str:
    return text(fields.MOVED_NOTE, Said(booking, rules, was=datetime.fromisoformat(before)))


def comment_note(booking: Booking, rules: BookingRules) -> str:
    return text(fields.COMMENT_NOTE, Said(booking, rules))


def price_note(booking: Booking, rules: BookingRules, was: Kopecks, now: Kopecks) -> str:
    return text(fields.PRICE_NOTE, Said(booking, rules, was_sum=was, known_sum=now))


def refund_note(booking: Booking, rules: BookingRules, was: Kopecks, now: Kopecks) -> str:
    return text(fields.REFUND_NOTE, Said(booking, rules, was_paid=was, paid=now))


def released_note(booking: Booking, rules: BookingRules, direction: str) -> str:
    """On the lead of a direction that is not in the booking any more."""
    return text(fields.RELEASED_NOTE, Said(booking, rules, released=direction))


def booked_note(booking: Booking, rules: BookingRules, next_visit: datetime) -> str:
    """On a lead for the next visit that nobody needs: the next visit is booked."""
    return text(fields.BOOKED_NOTE, Said(booking, rules, next_visit=next_visit))


def revoked_note(booking: Booking, rules: BookingRules) -> str:
    return text(fields.REVOKED_NOTE, Said(booking, rules))


def cancelled_note(booking: Booking, rules: BookingRules) -> str:
    return text(fields.CANCELLED_NOTE, Said(booking, rules))


def closed_note(booking: Booking, rules: BookingRules) -> str:
    return text(fields.CLOSED_NOTE, Said(booking, rules))


def closed_task(booking: Booking, rules: BookingRules) -> str:
    return text(fields.CLOSED_TASK, Said(booking, rules))


def text(name: str, about: Said) -> str:
    """One of the texts of `fields.TEXTS`, worded as the account wants it."""
    texts = about.rules.configuration.texts
    own = next((words for key, words in texts.items() if key == name), None)
    return builtin.written(name, own, about)
