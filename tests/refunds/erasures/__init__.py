"""Tests of how somebody is forgotten."""
