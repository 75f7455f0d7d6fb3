"""A stand-in for the manager port of Asterisk, and the streams it plays."""
