"""Statistics in plain Python, one subject a file: no database, no clock, no knowledge of refunds."""
