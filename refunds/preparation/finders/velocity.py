"""How often the same person asked lately, under whatever customer number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.kernel.wording import counted, said
from refunds.preparation.base import Tone
from refunds.preparation.words import found, money_of
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
            yield found(self.name, Tone.UNKNOWN, said("The order names no customer, so nobody can be counted."))
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
            sentence = counted(
                "{count} other request in the {days} days before, {sums} in all.",
                "{count} other requests in the {days} days before, {sums} in all.",
                len(lately),
                days=days,
                sums=money_of(lately),
            )
            if not lately:
                sentence = said("0 other requests in the {days} days before.", days=days)
            yield found(self.name, tone, sentence, *[case.source(other, "submitted_at") for other in lately])
        if len(case.person_ids) > 1:
            sentence = said(
                "The same e-mail address has {count} customer numbers; all are counted.", count=len(case.person_ids)
            )
            yield found(self.name, Tone.LOOK, sentence)
