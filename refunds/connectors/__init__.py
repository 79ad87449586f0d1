"""Shops: how they are bound, how they are asked, and what their refunds mean here."""
