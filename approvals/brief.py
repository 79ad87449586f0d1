"""What approvals may know of a subject, and the signatures somebody plans for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.kernel.money import Money
    from config.kernel.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A subject in the words of the queue; `page` and `panel` are addresses of the app that owns it."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One planned step: `quorum` people with `role` within `sla_hours` of its opening."""

    level: int
    role: str
    quorum: int
    sla_hours: int
