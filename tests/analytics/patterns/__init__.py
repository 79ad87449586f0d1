"""Patterns in a made-up year, and the calm of a year without any."""
