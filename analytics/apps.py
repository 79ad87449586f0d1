"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What was given back, why, and by whose decision."""

    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
