"""Remediation: what a code costs becomes an item somebody owns, and an effect test says whether the fix worked."""
