"""What a person does with the salon's journal from a card of the CRM. Knows nothing of HTTP and HTML."""
