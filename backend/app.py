"""The Flask application: doors, cookies, connection hooks. Everything it works with comes in by `ctx`."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import admin
from backend import web
from backend.flows.context import Context
from backend.settings import Settings
from backend.store import db
from backend.web.cookies import Cookies

STATIC = Path(__file__).parents[1] / "static"
WEEK = 7 * 24 * 3600
LARGEST_NUMBER = 2**63 - 1
LARGEST_FORM = 2 * 1024 * 1024  # a configuration file of a mebibyte with room around it


class RowNumber(IntegerConverter):
    """No row has a number the database cannot hold: such an address is not found, rather than fails."""

    def __init__(self, map: Map) -> None:  # noqa: A002
        super().__init__(map, max=LARGEST_NUMBER)


def create_app(ctx: Context) -> Flask:
    app = Flask("mostik", static_folder=str(STATIC), static_url_path="/static")
    app.config.update(_config(ctx.settings))
    app.extensions["mostik"] = ctx
    app.session_interface = Cookies()
    app.url_map.converters["int"] = RowNumber
    Htmx(app)
    web.register(app)
    admin.register(app)
    app.teardown_request(_give_back_connection)
    app.url_defaults(_name_static_version)
    if hops := ctx.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": [settings.secret_key_old] if settings.secret_key_old else [],
        "SESSION_COOKIE_NAME": "mostik",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": WEEK,
        # Written when it changes, not with every answer: a slow one would bring back what was signed out of.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "SEND_FILE_MAX_AGE_DEFAULT": WEEK,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
    }


def _name_static_version(endpoint: str, values: dict[str, Any]) -> None:
    """A changed file has a changed address, so browsers may keep what they have for long."""
    if endpoint == "static":
        values["v"] = _digest(values["filename"])


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def _give_back_connection(error: BaseException | None) -> None:  # noqa: ARG001
    db.release()
