"""How news come in: hooks, polls and people's questions become events of a lane, and lanes are emptied."""
