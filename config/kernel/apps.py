"""The shared kernel as a Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class KernelConfig(AppConfig):
    """Labels the kernel `kernel`, so that nobody has to say `config_kernel`."""

    name = "config.kernel"
    label = "kernel"
    verbose_name = "People and teams"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let `manage.py check --deploy` ask what settings name."""
        for path in settings.DEPLOYMENT_CHECKS:
            register(import_string(path), Tags.security, deploy=True)
