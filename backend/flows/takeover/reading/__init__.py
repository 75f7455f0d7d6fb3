"""What both systems hold, read once, at half of their rates."""
