"""One file a noun."""

from .backtest import Backtest, BacktestFlip
from .codes import ExceptionCode, ReasonCode
from .decision import PolicyDecision
from .mode_change import ModeChange
from .policy import Policy
from .version import PolicyVersion
from .version_log import VersionLog

__all__ = [
    "Backtest",
    "BacktestFlip",
    "ExceptionCode",
    "ModeChange",
    "Policy",
    "PolicyDecision",
    "PolicyVersion",
    "ReasonCode",
    "VersionLog",
]
