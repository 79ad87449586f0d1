"""The closed lists of breaks."""

from __future__ import annotations

from typing import Final

from django.db import models

from config.kernel.wording import said
from refunds.books.vocabulary import AccountRole


class BreakKind(models.TextChoices):
    """What disagrees."""

    AMOUNT_DIFFERS = "amount_differs", said("Amount differs")
    FEE = "fee", said("A fee was taken off")
    CURRENCY_DIFFERS = "currency_differs", said("Currency differs")
    DOUBLE = "double", said("Shown twice")
    MISSING_AT_US = "missing_at_us", said("Missing with us")
    MISSING_AT_PROCESSOR = "missing_at_processor", said("Missing at the processor")
    UNGOVERNED = "ungoverned", said("We never made it")
    LATE_FAILURE = "late_failure", said("Failed later")
    TIMING = "timing", said("Timing")


class BreakState(models.TextChoices):
    """How far a break got."""

    OPEN = "open", said("Open")
    PROPOSED = "proposed", said("Waits for a second person")
    RESOLVED = "resolved", said("Resolved")


class Resolution(models.TextChoices):
    """How a break ended: what people say, then what only the machine says."""

    TIMING = "timing", said("Timing")
    FEE = "fee", said("Fee")
    OUR_ERROR = "our_error", said("Our error")
    PROCESSOR_ERROR = "processor_error", said("Error of the processor")
    WRITE_OFF = "write_off", said("Written off")
    ACCEPT = "accept", said("Accepted as it is")
    MATCHED = "matched", said("Matched later")
    IMPORT_UNDONE = "import_undone", said("Import undone")
    NO_LONGER = "no_longer", said("No longer there")


BY_MACHINE: Final = (Resolution.MATCHED, Resolution.IMPORT_UNDONE, Resolution.NO_LONGER)
BY_PEOPLE: Final = tuple(one for one in Resolution if one not in BY_MACHINE)

STANDING: Final = (BreakState.OPEN, BreakState.PROPOSED)
"""States of which finance still has something to say."""

BESIDE_AN_OPERATION: Final = (BreakKind.AMOUNT_DIFFERS, BreakKind.FEE, BreakKind.CURRENCY_DIFFERS)
"""Kinds whose line is a refund of ours all the same: resolving them also settles it in clearing."""

STANDARD_DAYS: Final[dict[str, int]] = {
    BreakKind.AMOUNT_DIFFERS: 5,
    BreakKind.FEE: 10,
    BreakKind.CURRENCY_DIFFERS: 5,
    BreakKind.DOUBLE: 2,
    BreakKind.MISSING_AT_US: 5,
    BreakKind.MISSING_AT_PROCESSOR: 10,
    BreakKind.UNGOVERNED: 2,
    BreakKind.LATE_FAILURE: 3,
    BreakKind.TIMING: 10,
}
"""Within so many days a break of each kind is resolved, where nobody promised anything else."""

BOOKED_AGAINST: Final[dict[str, str]] = {
    Resolution.TIMING: "",
    Resolution.FEE: AccountRole.FEES,
    Resolution.OUR_ERROR: AccountRole.OWN_ERRORS,
    Resolution.PROCESSOR_ERROR: AccountRole.PROCESSOR_RECEIVABLE,
    Resolution.WRITE_OFF: AccountRole.WRITE_OFF,
    Resolution.ACCEPT: AccountRole.REFUND_EXPENSE,
}
"""Which account takes what a resolution explains; of timing nothing is booked, the statement will."""

ACCEPTED_AGAINST: Final[dict[str, str]] = {
    BreakKind.LATE_FAILURE: AccountRole.PROCESSOR_CLEARING,
    BreakKind.CURRENCY_DIFFERS: AccountRole.FX_DIFFERENCE,
}
"""What is accepted of these kinds: a refund and its return meet in clearing, two currencies in FX."""


def booked_against(kind: str, resolution: str) -> str:
    """Name the account that takes a break of this kind, once it is resolved so; empty where nothing is booked."""
    if resolution == Resolution.ACCEPT and kind in ACCEPTED_AGAINST:
        return str(ACCEPTED_AGAINST[kind])
    return str(BOOKED_AGAINST.get(resolution, ""))
