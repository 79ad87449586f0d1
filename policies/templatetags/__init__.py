"""Filters that say policies in plain words."""
