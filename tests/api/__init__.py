"""The REST API as callers meet it."""
