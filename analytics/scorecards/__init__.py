"""Scorecards: a team's month in red, amber and green, published once and kept."""
