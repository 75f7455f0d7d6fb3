"""What rules would make of bookings, as data: the outcome of each, and how two sets of rules differ. No facts
are gathered here, nothing is carried out.
"""
