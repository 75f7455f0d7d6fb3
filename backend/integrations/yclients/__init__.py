"""YCLIENTS: the salon's journal that bookings come from. Knows nothing of leads, databases or the web."""

from __future__ import annotations

from backend.integrations.envelope import BookingSource
from backend.integrations.yclients import client, hooks, parse

SOURCE = BookingSource(
    name=parse.NAME, read_hook=hooks.read, told=hooks.told, parse=parse.booking, open=client.YclientsClient
)
