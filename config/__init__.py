"""Wiring: settings, addresses, background work and deployment. Imported by nobody."""

# A task names itself to the app that is loaded first, so every process loads ours before any task.
from config.celery import app

__all__ = ["app"]
