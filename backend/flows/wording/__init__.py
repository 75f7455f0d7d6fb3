"""The salon's own words as they will look: on a booking of the account, or on an example."""
