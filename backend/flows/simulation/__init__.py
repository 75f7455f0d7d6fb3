"""The bookings of the past under old and new rules: nobody outside is asked, and only what was found is
written.
"""
