"""What we know of PBXes, calls, clicks, recordings and missed-call tasks."""
