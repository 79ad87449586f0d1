"""Webhooks out: what happened here is told to systems outside, signed, at least once, and never to an inner address."""
