"""Wiring: settings, addresses, background work and deployment. Imported by nobody."""
