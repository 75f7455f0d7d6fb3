"""What the customer configured, as objects and as a document."""
