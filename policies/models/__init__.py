"""One file a noun."""

from .action import GovernedAction
from .backtest import Backtest, BacktestFlip
from .baseline import Baseline, BaselineCase
from .codes import CODE_MODELS, IN_USE, WHOLE_BASIS_POINTS, AnyCode, ExceptionCode, ReasonCode
from .decision import PolicyDecision
from .mode_change import ModeChange
from .policy import Policy
from .version import PolicyVersion
from .version_log import VersionLog

__all__ = [
    "CODE_MODELS",
    "IN_USE",
    "WHOLE_BASIS_POINTS",
    "AnyCode",
    "Backtest",
    "BacktestFlip",
    "Baseline",
    "BaselineCase",
    "ExceptionCode",
    "GovernedAction",
    "ModeChange",
    "Policy",
    "PolicyDecision",
    "PolicyVersion",
    "ReasonCode",
    "VersionLog",
]
