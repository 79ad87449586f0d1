"""What a load balancer and a person starting the portal ask: does the process live, is everything it needs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import KombuError

from config.deploy.postgres import CannotStartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

BROKER_TIMEOUT_SECONDS = 2

logger = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer that this process serves requests."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, broker and migrations are ready, else 503 naming what is not."""
    found = {name: outcome_of(name, check) for name, check in CHECKS.items()}
    is_ready = all(outcome == "ok" for outcome in found.values())
    return JsonResponse({"status": "ok" if is_ready else "not ready", **found}, status=200 if is_ready else 503)


def outcome_of(name: str, check: Callable[[], str]) -> str:
    """Say what a check says, or that its part is not to be reached."""
    try:
        return check()
    except (DatabaseError, CannotStartError, KombuError, OSError) as error:
        # The reason is for our log, not for strangers.
        logger.warning("not ready", part=name, error=str(error))
        return "unreachable"


def database_outcome() -> str:
    """Ask the database anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def broker_outcome() -> str:
    """Ask the broker: our own database's queue, or the server that was named."""
    if settings.CELERY_BROKER_URL.startswith("pgmq:"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
            return "ok" if cursor.fetchone()[0] else "not installed"
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    return "ok"


def migrations_outcome() -> str:
    """Compare what the code brings with what the database has."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} to apply" if missing else "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database_outcome,
    "broker": broker_outcome,
    "migrations": migrations_outcome,
}
