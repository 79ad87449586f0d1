"""Tickets of a helpdesk or a CRM: which request answers which, and what is written back into them."""
