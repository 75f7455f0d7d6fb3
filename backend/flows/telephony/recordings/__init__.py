"""Recordings of calls: found, kept, listened to."""
