"""Calls: from a PBX's events to facts, and from facts to what the CRM gets. Pure."""
