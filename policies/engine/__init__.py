"""The policy engine: pure functions over a typed document and frozen facts. No I/O, no clock, no framework."""
