"""Looking at what the account's bookings and leads show, for proposals of rules."""
