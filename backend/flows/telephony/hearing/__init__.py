"""Calls as a PBX tells them: live, from its tables, from a cloud."""
