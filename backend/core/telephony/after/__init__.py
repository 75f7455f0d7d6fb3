"""From the facts of a call to what the CRM gets."""
