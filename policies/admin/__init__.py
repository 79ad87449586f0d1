"""The workbench of the policies, in the admin site: drafts and codes are edited, what was decided is only read."""

from .codes import ExceptionCodeAdmin, ReasonCodeAdmin
from .decisions import PolicyDecisionAdmin
from .policies import PolicyAdmin
from .versions import PolicyVersionAdmin

__all__ = ["ExceptionCodeAdmin", "PolicyAdmin", "PolicyDecisionAdmin", "PolicyVersionAdmin", "ReasonCodeAdmin"]
