"""What follows from a call that has ended, in the CRM."""
