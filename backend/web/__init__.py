"""Doors for machines: hooks, OAuth, the widget, health. They take bytes, ask a flow, answer."""

from __future__ import annotations

from flask import Blueprint, Flask

from backend.web import (
    card_actions,
    errors,
    guard,
    health,
    hooks,
    oauth,
    recordings,
    telephony,
    widget,
    yclients,
)


def register(app: Flask) -> None:
    """Everything of this package on the application."""
    pages = Blueprint("web", __name__, template_folder="templates")
    doors = (
        hooks.bp, oauth.bp, widget.bp, card_actions.bp, telephony.bp, telephony.dialplan, recordings.bp,
        health.bp, yclients.bp, yclients.events,
    )  # fmt: skip
    for blueprint in (pages, *doors):
        app.register_blueprint(blueprint)
    app.after_request(guard.add_security_headers)
    errors.register(app)
