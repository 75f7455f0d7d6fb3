"""How a PBX is connected, and whether it would do what we ask."""
