"""The books against the processor's."""
