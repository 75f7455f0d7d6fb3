"""One way to answer: a whole page, or the block of it that htmx asked for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Response, current_app, g, make_response, render_template, session
from htmx_flask import request

from admin import guard, menu
from backend import texts
from backend.core import money

DEFAULT_ZONE = "Europe/Moscow"
MINUTE, HOUR, DAY = 60, 3600, 86400
DETAIL = re.compile(r"(\w+)=(.*?)(?=\s\w+=|$)")  # as AppError writes its details


def page(template: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """The server names the block; the browser never does."""
    hx = request.htmx
    is_partial = hx and not hx.boosted and not hx.history_restore_request
    html = _block(template, fragment, context) if is_partial else render_template(template, **context)
    response = make_response(html, status)
    response.vary.add("HX-Request")
    response.headers["Cache-Control"] = "no-store"
    return response


def _block(template: str, fragment: str, context: dict[str, object]) -> str:
    current_app.update_template_context(context)
    found = current_app.jinja_env.get_template(template)
    return "".join(found.blocks[fragment](found.new_context(context)))


def common() -> dict[str, object]:
    """What every template of the panel may use."""
    lang = language()
    now = guard.context().now()
    words = {
        "t": partial(_text, lang),
        "trouble": partial(trouble, lang),
        "todo": partial(todo, lang),
        "has_text": texts.has,
        "lang": lang,
        "person": g.get("person"),
        "may_act": guard.may_act(),
        "csrf": guard.csrf_token(),
        "now": now,
        "when": partial(when, lang, now),
        "ago": partial(ago, lang, now),
        "duration": partial(duration, lang),
        "rubles": money.shown,
    }
    return {**words, "ui": _macros(words), "menu": menu.of(g.get("person")), "has_page": _has_page}


def _has_page(endpoint: str) -> bool:
    return f"admin.{endpoint}" in current_app.view_functions


def _macros(words: dict[str, object]) -> object:
    """The macros of `_ui.html`, which see the words themselves: no template hands them on."""
    return current_app.jinja_env.get_template("admin/_ui.html").make_module(words)


def language() -> str:
    chosen = session.get("language")
    return chosen if chosen in texts.LANGUAGES else texts.LANGUAGES[0]


def _text(lang: str, code: str, /, **values: object) -> str:
    return texts.t(code, lang, **values)


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
    day = texts.t("ui.day", lang, day=local.day, month=texts.t(f"ui.month.m{local.month}", lang))
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


def _aware(moment: datetime | str) -> datetime:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment
