"""The admin site: what may be edited there, by whom, and all that may not."""
