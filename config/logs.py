"""How the portal logs: every line once, in words or as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

PROCESSORS: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


SECRET_ADDRESS: Final = re.compile(
    r"(/webhooks/(?:shopify|magento)/|/account/password/[^/\s\"']+/|/queue/open/|/evidence/files/)[^/\s\"']+"
)
"""Whoever knows such an address may write, set a password or read; Django and proxies log addresses as they come."""


def without_secret_addresses(_logger: WrappedLogger, _method: str, told: EventDict) -> EventDict:
    """Leave the secret part of an address out of a line."""
    return {
        name: SECRET_ADDRESS.sub(r"\1…", value) if isinstance(value, str) else value for name, value in told.items()
    }


def logging_by(*, level: str, is_for_people: bool) -> dict[str, Any]:
    """Configure structlog, and answer what Django's `LOGGING` says: lines for people, or JSON for machines."""
    structlog.configure(
        processors=[*PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": PROCESSORS,
                # Plain, because the other formatter prints every local variable, customers' data among them.
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    without_secret_addresses,
                    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
                    if is_for_people
                    else structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": level, "propagate": True, "handlers": []},
            # Two lines for every call and every task; failures still show.
            "stripe": {"level": "WARNING"},
            "mcp": {"level": "WARNING"},
            # It writes the lines of a bank's statement that it cannot read, with names in them.
            "mt940": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
