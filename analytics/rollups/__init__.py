"""One row per outflow, and sums of them by day, kept in step with the ledger."""
