"""Before there is anybody: the code that proves somebody to hold the server."""

from __future__ import annotations

from typing import Final

from django.utils.crypto import salted_hmac

from .people import User

LENGTH: Final = 16


def is_first_run() -> bool:
    """Tell whether there is nobody yet."""
    return not User.objects.filter(is_service_account=False).exists()


def first_run_code() -> str:
    """Say the code: it follows from SECRET_KEY and is kept nowhere."""
    made = salted_hmac("redress first run", "code", algorithm="sha256").hexdigest()[:LENGTH].upper()
    return "-".join(made[start : start + 4] for start in range(0, LENGTH, 4))
