"""A real telephone exchange on loopback: Asterisk, its phones and providers, and who calls whom.

Nothing but the standard library and `cryptography`: the demo of calls runs the same exchange.
"""
