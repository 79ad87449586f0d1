"""What analytics answers below `/api/v1/`."""
