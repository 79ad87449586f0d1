"""Evidence over the API: what was refused, and what was signed of the ledger."""
