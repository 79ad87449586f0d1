"""Whole lives of refunds."""
