"""Emulators of amoCRM and YCLIENTS with a virtual clock and faults. Nothing here imports the product."""
