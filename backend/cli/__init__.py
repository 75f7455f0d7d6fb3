"""Commands for whoever runs the service (`flask --app wsgi config export …`): thin doors to the flows."""

from __future__ import annotations

from flask import Flask

from backend.cli import bookings, configuration, upkeep


def register(app: Flask) -> None:
    for group in (*configuration.GROUPS, *bookings.GROUPS, *upkeep.GROUPS):
        app.cli.add_command(group)
