"""What analytics keeps."""

from .capture_cell import CaptureCell
from .capture_fact import CaptureFact
from .insight import Insight
from .outflow_cell import MONTHS, SUMMED, Basis, OutflowCell
from .outflow_fact import KINDS_OF_LEAKAGE, STEPS, TIMES, Origin, OutflowFact
from .pattern_mark import PatternMark
from .pattern_reading import PatternReading
from .pattern_signal import PatternSignal
from .remediation_item import RemediationItem
from .remediation_record import RemediationNote, RemediationReading
from .remediation_rule import RemediationRule
from .rollup_mark import RollupMark
from .sample import Sample, SampledDecision
from .scorecard import Scorecard
from .scorecard_threshold import ScorecardThreshold

__all__ = [
    "KINDS_OF_LEAKAGE",
    "MONTHS",
    "STEPS",
    "SUMMED",
    "TIMES",
    "Basis",
    "CaptureCell",
    "CaptureFact",
    "Insight",
    "Origin",
    "OutflowCell",
    "OutflowFact",
    "PatternMark",
    "PatternReading",
    "PatternSignal",
    "RemediationItem",
    "RemediationNote",
    "RemediationReading",
    "RemediationRule",
    "RollupMark",
    "Sample",
    "SampledDecision",
    "Scorecard",
    "ScorecardThreshold",
]
