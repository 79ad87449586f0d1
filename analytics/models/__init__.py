"""What analytics keeps."""

from .insight import Insight
from .outflow_cell import SUMMED, Basis, OutflowCell
from .outflow_fact import KINDS_OF_LEAKAGE, STEPS, OutflowFact
from .rollup_mark import RollupMark

__all__ = ["KINDS_OF_LEAKAGE", "STEPS", "SUMMED", "Basis", "Insight", "OutflowCell", "OutflowFact", "RollupMark"]
