"""Screens of moving over from another integration."""
