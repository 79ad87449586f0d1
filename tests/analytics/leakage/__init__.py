"""Leakage: its definitions, its page, its rows."""
