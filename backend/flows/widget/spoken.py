"""Moments, lengths of time and troubles as people say them: the panel and the card in amoCRM speak alike."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend import texts
from backend.core.salon import DEFAULT_ZONE

MINUTE, HOUR, DAY = 60, 3600, 86400
DETAIL = re.compile(r"(\w+)=(.*?)(?=\s\w+=|$)")  # as AppError writes its details


def zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(DEFAULT_ZONE)


def when(lang: str, now: datetime, moment: datetime | str | None, place: str | None = None) -> str:
    """A moment on the account's own clock: «21 ноября, 14:05», with the year when it is another one."""
    if not moment:
        return "—"
    local = _aware(moment).astimezone(zone(place))
    day = texts.t("ui.day", lang, day=local.day, month=texts.t(f"ui.month.{local.month}", lang))
    key = "ui.when" if local.year == now.astimezone(zone(place)).year else "ui.when_year"
    return texts.t(key, lang, day=day, year=local.year, time=f"{local:%H:%M}")


def ago(lang: str, now: datetime, moment: datetime | None) -> str:
    if moment is None:
        return texts.t("ui.never", lang)
    passed = now - moment
    if passed < timedelta(minutes=1):
        return texts.t("ui.just_now", lang)
    return texts.t("ui.ago", lang, duration=duration(lang, passed))


def duration(lang: str, length: timedelta) -> str:
    """The largest whole unit is enough: nobody reads seconds of yesterday."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= size:
            return texts.t(f"ui.{unit}", lang, n=seconds // size)
    return texts.t("ui.seconds", lang, n=seconds)


def trouble(lang: str, error: str) -> str:
    """What an event's error means; one that is no code of ours is a bug of ours, told without its insides."""
    code, _, rest = error.partition(" ")
    return (
        texts.t(code, lang, **dict(DETAIL.findall(rest))) if texts.has(code) else texts.t("inbox.bug", lang)
    )


def todo(lang: str, error: str) -> str:
    """What to press, when there is something to press."""
    code = f"todo.{error.partition(' ')[0]}"
    return texts.t(code, lang) if texts.has(code) else ""


def _aware(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment
