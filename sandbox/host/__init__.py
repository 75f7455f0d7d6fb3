"""The account's own pages in a browser: they load the built archive of a widget the way amoCRM does."""
