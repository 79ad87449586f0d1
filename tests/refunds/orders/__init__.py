"""Tests of how orders come in."""
