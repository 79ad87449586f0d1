"""Remediation, from the rule that opens an item to the test that ends it."""
