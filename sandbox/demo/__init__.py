"""The demo: a whole day of two salons played against the product over sockets, and its judge.

Nothing here imports the product: it is started, spoken to and checked from outside, as a customer would.
"""
