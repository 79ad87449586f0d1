"""One file a noun."""

from .authority_limit import AuthorityLimit
from .decision import ApprovalDecision
from .route import ApprovalRoute
from .step import ApprovalStep

__all__ = ["ApprovalDecision", "ApprovalRoute", "ApprovalStep", "AuthorityLimit"]
