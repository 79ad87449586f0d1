"""Bundles: what an auditor takes home, with everything it takes to verify it without us."""
