"""Signed checkpoints over the whole ledger: what no chain can show by itself, provable without us."""
