"""The evidence app."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Keeps what happened to a subject, without knowing what the subject is."""

    name = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
