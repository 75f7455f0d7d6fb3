"""Reports of an account: figures are noted while bookings are worked on, and counted when somebody asks."""
