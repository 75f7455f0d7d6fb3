"""Which part of telephony does not work, and what to press."""
