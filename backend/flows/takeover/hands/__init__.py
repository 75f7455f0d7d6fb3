"""Who may write, and whom a salon tells its news."""
