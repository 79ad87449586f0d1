"""Governed actions where they meet payments and processors: asked about, carried out, seen."""
