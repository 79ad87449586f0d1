"""The policies app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The book, its editions, and what a sentence in it said of a case."""

    name = "policies"
    default_auto_field = "django.db.models.BigAutoField"
