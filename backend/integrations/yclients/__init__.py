"""YCLIENTS: the salon's journal that bookings come from. Knows nothing of leads, databases or the web."""
