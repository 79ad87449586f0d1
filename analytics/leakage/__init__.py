"""What left that should not have: defined, counted from the sums, shown, and led back to its rows."""
