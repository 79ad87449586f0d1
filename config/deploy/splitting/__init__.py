"""A portal cut in two by team, for real and on one server: what still holds in each half, and what breaks."""
