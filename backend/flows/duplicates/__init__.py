"""Doubles: found at night, shown side by side, put right by us where amoCRM lets us."""
