"""The kernel's models, one place for Django to find them."""

from .idempotency import StoredAnswer
from .jobs import Job
from .outbox import OutboxRow
from .people import Team, TeamGroupObjectPermission, TeamUserObjectPermission, User
from .tokens import ApiToken

__all__ = [
    "ApiToken",
    "Job",
    "OutboxRow",
    "StoredAnswer",
    "Team",
    "TeamGroupObjectPermission",
    "TeamUserObjectPermission",
    "User",
]
