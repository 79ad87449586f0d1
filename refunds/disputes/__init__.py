"""Complaints at the customer's bank: read from the processor, and money kept here while one could be paid twice."""
