"""Everything kept in the database; the only layer that knows SQL. Knows no network, no Redis and no web
framework.
"""
