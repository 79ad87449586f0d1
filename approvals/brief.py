"""What approvals may know of a subject, and the signatures somebody plans for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.kernel.money import Money
    from config.kernel.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A subject in the words of the queue; `page` and `panel` are addresses of the app that owns it.

    `part_number` tells which part of something larger this is, `others_minor` what the other parts ask for;
    `is_routine` says that it is in policy, of low risk and fully proved.
    """

    subject: Subject
    reference: str
    title: str
    customer: str
    category: str
    reason: str
    exception_code: str
    risk: str
    amount: Money
    team_id: int
    requested_by_id: int
    reviewed_by_id: int | None
    page: str
    panel: str
    part_number: int = 1
    others_minor: int = 0
    is_routine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One planned step: `quorum` people with `role` within `sla_hours` of its opening, in the team's working time.

    Signatures of one level are open together. With `out_of` so many people vote, and a no ends the step only when the
    quorum is out of reach. `escalates_to` is the role asked when they let the time pass.
    """

    level: int
    role: str
    quorum: int
    sla_hours: int
    out_of: int | None = None
    escalates_to: str = ""
