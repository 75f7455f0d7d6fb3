"""Bookings that are looked at by time alone: nobody tells that a visit was not marked."""
