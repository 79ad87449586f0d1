"""Background work: every app's ``tasks.py``, over the broker the settings name."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["pgmq"] = "config.carrying:Transport"


class Portal(Celery):
    """The app, whose publishers do not listen.

    PGMQ's transport lets each connection of a queue LISTEN. Whoever only sends never reads what it hears: its server
    process would stand still once the socket is full, and hold up everybody's notifications behind it.
    """

    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        """Connect for sending alone."""
        options["transport_options"] = {**(options.get("transport_options") or {}), "use_notify": False}
        return super().connection_for_write(url, **options)


app = Portal("redress", task_cls="config.clocks:TimelyTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The lines of a task carry the id of the request that set it off.
app.steps["worker"].add(DjangoStructLogInitStep)
