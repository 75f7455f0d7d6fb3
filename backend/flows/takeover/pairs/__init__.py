"""Which lead is whose booking, and taking it over."""
