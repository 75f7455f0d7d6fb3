"""Two writers at once, and the way back."""
