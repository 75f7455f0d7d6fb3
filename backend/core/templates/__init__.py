"""Texts with placeholders that a salon writes itself: the language, its fields, the built-in words."""
