"""Facts and sums that follow the ledger."""
