"""The kinds of PBX behind one interface."""
