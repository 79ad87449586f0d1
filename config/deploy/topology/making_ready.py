"""What the runbook's first run does, in one process as the owner of the tables.

python -m config.deploy.topology.making_ready
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.management import call_command

from config.deploy.broker import install_broker


def main() -> None:
    """Bring tables, rights, roles, texts, static files and the first signing key."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if settings.CELERY_BROKER_URL.startswith("pgmq:"):
        install_broker(os.environ["DATABASE_URL"])
    call_command("migrate", interactive=False, verbosity=0)
    call_command("grant_application_role", "redress_app", verbosity=0)
    call_command("sync_roles", verbosity=0)
    call_command("load_messages", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not os.path.exists(settings.SIGNING_KEY_FILE):  # noqa: PTH110 - a word of the settings, not a path of ours
        call_command("rotate_signing_key", verbosity=0)


if __name__ == "__main__":
    main()
