"""Commands for whoever runs the service (`flask --app wsgi config export …`): thin doors to the flows."""

from __future__ import annotations

from flask import Flask

from backend.cli import bookings, configuration, operators, takeover, telephony, upkeep


def register(app: Flask) -> None:
    rooms = (configuration, bookings, upkeep, operators, takeover, telephony)
    for group in (group for room in rooms for group in room.GROUPS):
        app.cli.add_command(group)
