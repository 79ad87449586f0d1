"""The texts of messages to customers."""
