"""What is counted for people: visits, lost money, re-booking, and whether the money of two systems agrees."""
