"""The refunds app."""

from django.apps import AppConfig


class RefundsConfig(AppConfig):
    """Orders, the request and its life, money out, the books."""

    name = "refunds"
    default_auto_field = "django.db.models.BigAutoField"
