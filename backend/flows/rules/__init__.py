"""The configuration of an account: in force, edited, imported, and what follows from a new version."""
