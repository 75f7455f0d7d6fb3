"""Numbered scripts, applied in order, up only. They import nothing of the application: they must outlive its
models.
"""
