"""Asterisk: its manager interface and its tables of calls."""
