"""Pure rules: facts in, decisions out. Knows nothing of databases, networks, clocks or frameworks."""
