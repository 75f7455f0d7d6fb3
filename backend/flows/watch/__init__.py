"""The watch: what heals by itself, what is told to people, and what is held back before it floods the CRM."""
