"""What auditors take home."""
