"""The kernel's models, one place for Django to find them."""

from .browser_reports import BrowserReport
from .history import PersonEvent, PersonRole, PersonRoleEvent, PersonTeamEvent
from .idempotency import StoredAnswer
from .jobs import Job
from .lockout import WrongTry
from .outbox import OutboxRow
from .pace import Pace
from .people import Team, TeamGroupObjectPermission, TeamUserObjectPermission, User
from .preferences import Preferences
from .scheduling import LastRun, SchedulerLease
from .service_accounts import AskingLimit, ServiceAccount
from .sessions import Session
from .sign_in_log import SignInEvent
from .tokens import ApiToken

__all__ = [
    "ApiToken",
    "AskingLimit",
    "BrowserReport",
    "Job",
    "LastRun",
    "OutboxRow",
    "Pace",
    "PersonEvent",
    "PersonRole",
    "PersonRoleEvent",
    "PersonTeamEvent",
    "Preferences",
    "SchedulerLease",
    "ServiceAccount",
    "Session",
    "SignInEvent",
    "StoredAnswer",
    "Team",
    "TeamGroupObjectPermission",
    "TeamUserObjectPermission",
    "User",
    "WrongTry",
]
