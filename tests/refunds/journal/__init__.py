"""The journal, its exports and the months that are closed."""
