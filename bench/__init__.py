"""Measurements of the whole road. They start their own servers on loopback. The product never uses them."""
