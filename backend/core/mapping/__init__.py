"""Proposals and boards of the mapping screens."""
