"""What a scorecard measures, how each is counted, and where amber and red begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analytics.leakage import definitions
from analytics.remediation.vocabulary import Colour

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: shares are in basis points, times in seconds. `amber` and `red` are where these begin."""

    slug: str
    name: str
    formula: str
    amber: int
    red: int
    is_time: bool = False

    @property
    def is_better_high(self) -> bool:
        """Whether more of it is better: then red lies below amber."""
        return self.red < self.amber

    def colour_of(self, value: int) -> Colour:
        """Hold a value against the thresholds."""
        if self.is_better_high:
            return Colour.RED if value < self.red else Colour.AMBER if value < self.amber else Colour.GREEN
        return Colour.RED if value >= self.red else Colour.AMBER if value >= self.amber else Colour.GREEN


LEAKAGE: Final = Measure(slug="leakage", name="Leakage", formula=definitions.SHARE, amber=100, red=200)
EXCEPTIONS: Final = Measure(
    slug="exceptions",
    name="Exceptions",
    formula="Decided requests that an exception was granted for ÷ all decided requests.",
    amber=200,
    red=500,
)
EVIDENCE: Final = Measure(slug="evidence", name="Evidence held", formula=definitions.EVIDENCE, amber=98_00, red=95_00)
UNCHANGED: Final = Measure(
    slug="unchanged", name="Approvals that changed nothing", formula=definitions.UNCHANGED, amber=95_00, red=98_00
)
DECIDED: Final = Measure(
    slug="decided",
    name="Nine of ten decided within",
    formula="Submitted to decided, without the time a question waited for the customer; rounded up to two digits.",
    amber=2 * DAY,
    red=5 * DAY,
    is_time=True,
)
MEASURES: Final = {measure.slug: measure for measure in (LEAKAGE, EXCEPTIONS, EVIDENCE, UNCHANGED, DECIDED)}

_WORST: Final[Sequence[Colour]] = (Colour.RED, Colour.AMBER, Colour.GREEN)


def worst_of(colours: Sequence[str]) -> Colour:
    """Name the worst; green where there is none, because nothing was found wanting."""
    return next((colour for colour in _WORST if colour in colours), Colour.GREEN)
