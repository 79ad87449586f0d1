"""How often the same person asked lately, under whatever customer number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from refunds.preparation.base import Tone
from refunds.preparation.words import counted, found, money_of
from refunds.recent import NOT_COUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case

WINDOWS_DAYS = (30, 90)
MANY = {30: 2, 90: 4}
"""From so many others on it is worth a look; what the policy forbids it says by itself."""


class Velocity:
    """Counts what was asked for within the last days before this, without what gave nothing back."""

    name = "velocity"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Count each window, and the amounts in each currency."""
        if not case.person_ids:
            yield found(self.name, Tone.UNKNOWN, "The order names no customer, so nobody can be counted.")
            return
        for days in WINDOWS_DAYS:
            begins = case.asked_at - timedelta(days=days)
            lately = [
                other
                for other in case.of_the_person
                if other.submitted_at is not None
                and begins <= other.submitted_at <= case.asked_at
                and other.state not in NOT_COUNTED
            ]
            tone = Tone.LOOK if len(lately) >= MANY[days] else Tone.FINE
            sum_ = f", {money_of(lately)} in all" if lately else ""
            sentence = f"{counted(len(lately), 'other request')} in the {days} days before{sum_}."
            yield found(self.name, tone, sentence, *[case.source(other, "submitted_at") for other in lately])
        if len(case.person_ids) > 1:
            sentence = f"The same e-mail address has {len(case.person_ids)} customer numbers; all are counted."
            yield found(self.name, Tone.LOOK, sentence)
