"""Commands for whoever runs the service (`flask --app wsgi config export …`): thin doors to the flows."""

from __future__ import annotations

from flask import Flask

from backend.cli import bookings, configuration, operators, upkeep


def register(app: Flask) -> None:
    for group in (*configuration.GROUPS, *bookings.GROUPS, *upkeep.GROUPS, *operators.GROUPS):
        app.cli.add_command(group)
