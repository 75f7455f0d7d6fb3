"""Measurements of the whole road. They start their own servers on loopback and may use the product; it never uses them."""
