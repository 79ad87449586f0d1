"""Money out: one operation for each approved request, claimed, called, recorded."""
