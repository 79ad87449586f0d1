"""Orders come in from shops: one at a time by the API, many at once from files."""
