"""A document tried out on what was decided before, inside the database."""
