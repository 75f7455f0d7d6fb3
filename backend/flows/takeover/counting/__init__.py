"""The counters of a salon, before and after."""
