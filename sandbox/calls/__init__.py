"""Calls of a company, played and judged: on an emulated exchange, or on a real one with phones and audio.

The product is driven only as people drive it. What is expected comes from what was played; the judge asks
amoCRM, never the product, what became of it.
"""
