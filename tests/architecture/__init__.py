"""The laws of this house, checked on the house itself."""
