"""Outside systems, a folder each, and the list of those that bookings come from.

They never import one another, the store or the web.
"""

from __future__ import annotations

from backend.integrations import yclients
from backend.integrations.envelope import BookingSource

BOOKING_SOURCES: dict[str, BookingSource] = {source.name: source for source in (yclients.SOURCE,)}
