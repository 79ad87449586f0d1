"""The shared kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Labels the kernel `kernel`, so that nobody has to say `config_kernel`."""

    name = "config.kernel"
    label = "kernel"
    verbose_name = "People and teams"
    default_auto_field = "django.db.models.BigAutoField"
