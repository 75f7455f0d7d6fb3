"""The switch of a salon, state by state."""
