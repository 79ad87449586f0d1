"""What must be true before the portal serves: tables, roles, a world to look at, collected static files.

python -m config.deploy.prepare [--empty]
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands

from config.deploy.postgres import APPLICATION_ROLE

STATIC_STAMP = ".made-from"


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(sentence, flush=True)


def static_digest() -> str:
    """Return what the static sources hash to, by name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> None:
    """Collect, hash and compress the static files unless that was done for these very sources."""
    stamp, digest = Path(settings.STATIC_ROOT) / STATIC_STAMP, static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Collecting static files.")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)


def load_world(*, is_empty: bool) -> None:
    """Make the demo world if there is nobody yet, or when `is_empty` only its people, policies and codes.

    The supervisor forgets one that was left half made.
    """
    if get_user_model().objects.exists() or "load_demo" not in get_commands():
        return
    say("Making the demo world; this is done once.")
    loading = settings.VAR_DIR / "demo-is-half-made"
    loading.touch()
    call_command("load_demo", empty=is_empty)
    loading.unlink()


def main(arguments: list[str]) -> None:
    """Prepare in order; each step is cheap when there is nothing to do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    say("Bringing the database up to date.")
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DATABASES["default"]["ENGINE"] == "config.deploy.embedded":
        call_command("grant_application_role", APPLICATION_ROLE, create=True, verbosity=0)
    if "sync_roles" in get_commands():
        call_command("sync_roles", verbosity=0)
    collect_static()
    if settings.DEMO:
        load_world(is_empty="--empty" in arguments)
    else:
        call_command("first_run_code")


if __name__ == "__main__":
    main(sys.argv[1:])
