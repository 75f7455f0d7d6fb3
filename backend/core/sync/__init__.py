"""The rules: a booking and what is known about it in, a decision out."""
