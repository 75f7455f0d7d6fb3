"""Moving over from another integration (GET8), salon by salon. No other room imports it."""
