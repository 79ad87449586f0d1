"""The money trail."""
