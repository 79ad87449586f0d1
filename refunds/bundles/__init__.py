"""Bundles of refund requests: what the tables say of one, beside the proofs of its record."""
