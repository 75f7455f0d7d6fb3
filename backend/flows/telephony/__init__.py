"""Calls: what a PBX tells becomes rows, cards, contacts, leads and tasks; a click becomes a call."""
