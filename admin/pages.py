"""One way to answer: a whole page, or the block of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any

from flask import Response, current_app, flash, g, make_response, render_template, session
from htmx_flask import request
from markupsafe import Markup, escape

from admin import guard, menu
from backend import texts
from backend.core import money
from backend.flows.widget import spoken
from backend.store.accounts import Account


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


def say(code: str, tone: str = "good", **values: object) -> None:
    """A sentence at the top of the next page, once however many salons it is true of."""
    sentence, said = texts.t(code, language(), **values), g.setdefault("said", set())
    if sentence not in said:
        said.add(sentence)
        flash(sentence, tone)


def common() -> dict[str, object]:
    """What every template of the panel may use."""
    lang = language()
    now = guard.context().now()
    words = {
        "t": partial(_text, lang),
        "trouble": partial(spoken.trouble, lang),
        "todo": partial(spoken.todo, lang),
        "has_text": texts.has,
        "lang": lang,
        "person": g.get("person"),
        "may_act": guard.may_act(),
        "csrf": guard.csrf_token(),
        "now": now,
        "when": partial(spoken.when, lang, now),
        "ago": partial(spoken.ago, lang, now),
        "duration": partial(spoken.duration, lang),
        "rubles": money.shown,
        "drawn_options": _options,
        "lead_address": _lead_address,
    }
    return {**words, "ui": _macros(words), "menu": menu.of(g.get("person"))}


def _macros(words: dict[str, object]) -> object:
    """The macros of `_ui.html`, which see the words themselves: no template hands them on."""
    return current_app.jinja_env.get_template("admin/_ui.html").make_module(words)


def _lead_address(account: Account, lead_id: int) -> str:
    """The lead's card in amoCRM."""
    return f"{guard.context().settings.amocrm_api_url.format(domain=account.domain)}/leads/detail/{lead_id}"


def _options(pairs: Iterable[tuple[object, str]], chosen: str) -> Markup:
    """Choices of a list. The people of a network have ten thousand on one page: too many for a template."""
    drawn, value = _drawn(tuple(pairs)), f'value="{escape(chosen)}"'
    return Markup(drawn.replace(f"{value}>", f"{value} selected>", 1))  # noqa: S704 - escaped, both


@lru_cache(maxsize=100)
def _drawn(pairs: tuple[tuple[object, str], ...]) -> str:
    """The same list stands on a page again and again."""
    return "\n".join(f'<option value="{escape(value)}">{escape(words)}</option>' for value, words in pairs)


def language() -> str:
    chosen = session.get("language")
    return chosen if chosen in texts.LANGUAGES else texts.LANGUAGES[0]


def _text(lang: str, code: str, /, **values: object) -> str:
    return texts.t(code, lang, **values)
