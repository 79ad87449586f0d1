"""Policies: the book, its editions, the codes, and what the book says about a set of facts."""
