"""Signs that somebody should look: what was seen, its numbers, its rows, and what it does not prove."""
