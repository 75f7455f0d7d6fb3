"""Emulators of amoCRM and YCLIENTS with a virtual clock and fault switches. Nothing here imports the product."""
