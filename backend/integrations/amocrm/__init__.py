"""amoCRM: the CRM that leads are written to. Knows nothing of bookings, databases or the web server."""
