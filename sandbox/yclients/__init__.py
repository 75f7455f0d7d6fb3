"""Emulator of YCLIENTS: state, REST API, staff's actions, webhooks. Knows nothing of the product."""
