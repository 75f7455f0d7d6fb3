"""Accounts of the service: connecting, preparing, finding, the installation as a whole."""
