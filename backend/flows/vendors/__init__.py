"""Clients of the two vendors as an account uses them: tokens, patience, counted requests."""
