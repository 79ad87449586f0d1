"""Why somebody decided as she did: words that are kept, and can be read a year later."""

from __future__ import annotations

from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence.text import refuse_card_number

SHORTEST_RATIONALE = 10
LONGEST_RATIONALE = 2000


def check_rationale(rationale: str) -> None:
    """Want a reason somebody can read a year later.

    :raises Refused: `rationale_required`, or `card_number_in_text`
    """
    refuse_card_number(rationale, field="rationale")
    if not SHORTEST_RATIONALE <= len(rationale.strip()) <= LONGEST_RATIONALE:
        raise Refused(
            "rationale_required",
            said(
                "Say why in {least} to {most} characters; it is kept in the approval record.",
                least=SHORTEST_RATIONALE,
                most=LONGEST_RATIONALE,
            ),
            "rationale",
        )
