"""The approvals app."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Who may sign for how much, and who did."""

    name = "approvals"
    default_auto_field = "django.db.models.BigAutoField"
