"""The demo as a Django app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """People, world, chooser and replay of the demo."""

    name = "config.demo"
    label = "demo"
