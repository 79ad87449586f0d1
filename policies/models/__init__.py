"""One file a noun."""

from .codes import ExceptionCode, ReasonCode
from .decision import PolicyDecision
from .policy import Policy
from .version import PolicyVersion

__all__ = ["ExceptionCode", "Policy", "PolicyDecision", "PolicyVersion", "ReasonCode"]
