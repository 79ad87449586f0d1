"""Tickets of a helpdesk, and what is written back into them."""
