"""Bookings → leads: readings, facts, the decision carried out, and our index of the CRM."""
