"""Long work: what a person starts and watches."""
