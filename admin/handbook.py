"""The guide of docs/guide inside the panel: the same pages, with links and pictures that work here.

It is open to everybody: the marketplace and people before their first sign-in read it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request, send_from_directory, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from werkzeug.wrappers import Response as AnyResponse

from admin.pages import language, page

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
CONTENTS = "README"
LINKED = re.compile(r"\]\(([\w-]+)\.md\)")
ENGLISH = "-en"  # a chapter in English; the Russian contents do not list it

# The page that tells about a screen; screens that are not here open the contents.
ABOUT = {
    "health": "state", "account": "state", "events": "journal", "event": "journal", "why": "why",
    "guide": "first-run", "salons": "salons", "people": "salons", "directions": "directions",
    "routes": "routes", "stages": "routes", "fields": "fields", "wording": "texts", "preview": "preview",
    "rules": "versions", "learned": "first-run",
    "account_settings": "settings", "account_audit": "access", "accounts": "service", "operators": "access",
    "reports": "reports", "duplicates": "watch", "drift": "watch", "alerts": "watch", "takeover": "takeover",
    "telephony": "telephony",
    "audit": "access", "settings": "service", "me": "access",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    title: str
    html: str


def add_routes(bp: Blueprint) -> None:
    bp.get("/help", endpoint="help")(contents)
    bp.get("/help/<chapter>", endpoint="help_page")(one)
    bp.get("/help/images/<path:picture>", endpoint="help_image")(image)


def contents() -> AnyResponse:
    """The contents, or the page about the screen that a person comes from."""
    about = ABOUT.get(request.args.get("about", ""))
    if about:
        return redirect(url_for("admin.help_page", chapter=about))
    return _shown(CONTENTS)


def one(chapter: str) -> Response:
    return _shown(chapter)


def image(picture: str) -> Response:
    response = send_from_directory(GUIDE / "images", picture)
    response.cache_control.private = True
    return response


def _shown(name: str) -> Response:
    """Only pages that the contents name: no other file can be asked for."""
    if name != CONTENTS and name not in _names():
        abort(404)
    chapters = [_read(other) for other in _names() if language() == "en" or not _is_english(other)]
    return page(
        "admin/help.html", "chapter", chapter=_read(name), chapters=chapters, is_english=_is_english(name)
    )


def _is_english(name: str) -> bool:
    return name.endswith(ENGLISH)


@cache
def _names() -> tuple[str, ...]:
    """In the order of the contents."""
    return tuple(dict.fromkeys(LINKED.findall(_text(CONTENTS))))


def _text(name: str) -> str:
    return (GUIDE / f"{name}.md").read_text(encoding="utf-8")


@cache
def _read(name: str) -> Chapter:
    """Markup inside a page stays text: the guide is words, tables and pictures."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(_text(name))
    title = next(
        token.content for token, before in zip(tokens[1:], tokens, strict=False) if before.tag == "h1"
    )
    for token in tokens:
        for inner in token.children or ():
            _point_here(inner)
    return Chapter(name, title, markdown.renderer.render(tokens, markdown.options, {}))


def _point_here(token: Token) -> None:
    """Files beside each other in the folder are addresses of the panel here."""
    href, source = str(token.attrs.get("href", "")), str(token.attrs.get("src", ""))
    if href.endswith(".md"):
        token.attrs["href"] = (
            f"/admin/help/{href.removesuffix('.md')}" if href != "README.md" else "/admin/help"
        )
    if source.startswith("images/"):
        token.attrs["src"] = f"/admin/help/{source}"
        token.attrs["loading"] = "lazy"
