"""What a scorecard measures, how each is counted, and where amber and red begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analytics.leakage import definitions
from analytics.leakage.steps import spelled
from analytics.models import Basis
from analytics.remediation.vocabulary import Colour
from config.kernel.wording import said
from policies.engine.amounts import share_words

from .vocabulary import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: shares are in basis points, times in seconds. `amber` and `red` are where these begin."""

    slug: str
    formula: str
    amber: int
    red: int
    is_time: bool = False

    @property
    def name(self) -> str:
        """What is measured."""
        return Measured(self.slug).label

    @property
    def targets(self) -> str:
        """Where amber and red begin, in words."""
        amber, red = (spelled(one) if self.is_time else share_words(one) for one in (self.amber, self.red))
        if self.is_better_high:
            return said("amber below {amber}, red below {red}", amber=amber, red=red)
        return said("amber from {amber}, red from {red}", amber=amber, red=red)

    @property
    def is_better_high(self) -> bool:
        """Whether more of it is better: then red lies below amber."""
        return self.red < self.amber

    def colour_of(self, value: int) -> Colour:
        """Hold a value against the thresholds."""
        if self.is_better_high:
            return Colour.RED if value < self.red else Colour.AMBER if value < self.amber else Colour.GREEN
        return Colour.RED if value >= self.red else Colour.AMBER if value >= self.amber else Colour.GREEN


LEAKAGE: Final = Measure(slug=Measured.LEAKAGE.value, formula=definitions.SHARE, amber=100, red=200)
REFUND_RATE: Final = Measure(
    slug=Measured.REFUND_RATE.value, formula=definitions.RATES[Basis.REFUND], amber=10_00, red=15_00
)
BYPASS: Final = Measure(slug=Measured.BYPASS.value, formula=definitions.BYPASS, amber=1_00, red=5_00)
EXCEPTIONS: Final = Measure(
    slug=Measured.EXCEPTIONS.value,
    formula=said("Decided requests that an exception was granted for ÷ all decided requests."),
    amber=200,
    red=500,
)
EVIDENCE: Final = Measure(slug=Measured.EVIDENCE.value, formula=definitions.EVIDENCE, amber=98_00, red=95_00)
UNCHANGED: Final = Measure(slug=Measured.UNCHANGED.value, formula=definitions.UNCHANGED, amber=95_00, red=98_00)
DECIDED: Final = Measure(
    slug=Measured.DECIDED.value,
    formula=said(
        "Submitted to decided, without the time a question waited for the customer; rounded up to two digits."
    ),
    amber=2 * DAY,
    red=5 * DAY,
    is_time=True,
)
IN_TIME: Final = Measure(slug=Measured.IN_TIME.value, formula=definitions.IN_TIME, amber=95_00, red=90_00)
MEASURES: Final = {
    measure.slug: measure
    for measure in (LEAKAGE, REFUND_RATE, BYPASS, EXCEPTIONS, EVIDENCE, UNCHANGED, DECIDED, IN_TIME)
}
"""Every measure with its standard thresholds."""

_WORST: Final[Sequence[Colour]] = (Colour.RED, Colour.AMBER, Colour.GREEN)


def worst_of(colours: Sequence[str]) -> Colour:
    """Name the worst; green where there is none, because nothing was found wanting."""
    return next((colour for colour in _WORST if colour in colours), Colour.GREEN)
