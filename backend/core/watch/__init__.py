"""What is watched besides the road of bookings: doubles and what differs from the journals. Pure, as all of
core.
"""
