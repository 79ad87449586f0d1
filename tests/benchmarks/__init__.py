"""Figures as ratios: ours and a reference in the same run, interleaved, never a timed test."""
