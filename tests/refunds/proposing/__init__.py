"""A language model that proposes, and all it may not do."""
