"""Pages and fragments: load, one domain call, translate."""
