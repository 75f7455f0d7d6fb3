"""Connecting a salon: access, rights, its installation from the marketplace."""
