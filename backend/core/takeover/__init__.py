"""Moving over from another integration (GET8): what is measured, compared and decided, without any I/O."""
