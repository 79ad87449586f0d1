"""Carriers, people, and whose word counts."""
