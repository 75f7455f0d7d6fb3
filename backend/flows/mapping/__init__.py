"""What the mapping screens show and save."""
