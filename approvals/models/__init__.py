"""One file a noun."""

from .authority_limit import AuthorityLimit
from .dead_end import DeadEnd, DeadEndLook
from .decision import ApprovalDecision
from .delegation import Absence, Delegation
from .desk import SavedView, Snooze
from .freeze import FreezeStop, FreezeSwitch
from .involvement import Involvement
from .limit_change import LimitChange
from .limit_event import AuthorityLimitEvent
from .notice import Notice, NoticeSetting
from .role_grant import RoleGrant
from .route import ApprovalRoute
from .signed_review import SignedReview
from .step import ApprovalStep
from .step_up import StepUpLimit
from .team_calendar import Holiday, TeamCalendar

__all__ = [
    "Absence",
    "ApprovalDecision",
    "ApprovalRoute",
    "ApprovalStep",
    "AuthorityLimit",
    "AuthorityLimitEvent",
    "DeadEnd",
    "DeadEndLook",
    "Delegation",
    "FreezeStop",
    "FreezeSwitch",
    "Holiday",
    "Involvement",
    "LimitChange",
    "Notice",
    "NoticeSetting",
    "RoleGrant",
    "SavedView",
    "SignedReview",
    "Snooze",
    "StepUpLimit",
    "TeamCalendar",
]
