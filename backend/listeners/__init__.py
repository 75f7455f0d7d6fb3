"""Processes that listen to PBXes."""
