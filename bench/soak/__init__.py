"""The soak: three salons live through two months in minutes, with troubles on; a stranger judges the result.

Nothing here imports the product: it is started, spoken to and checked from outside. An import contract sees
to it.
"""
