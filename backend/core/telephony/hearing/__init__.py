"""From what a PBX tells to the facts of a call."""
