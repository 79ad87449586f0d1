"""What the patterns look at: frozen rows, read once, so that a pattern is a function of them and of nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from .identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was submitted. `customer` is the identity behind it; a credit may have no order.

    `limits` are the amounts above which somebody else had a say when it was decided, smallest first.
    """

    id: UUID
    team_id: int
    agent_id: int
    customer: int | None
    order_id: int | None
    currency: str
    amount_minor: int
    allowed_minor: int | None
    reason: str
    exception_code: str
    submitted_at: datetime
    refunded_at: datetime | None
    is_decided: bool
    is_declined: bool
    limits: tuple[int, ...] = ()

    @property
    def is_override(self) -> bool:
        """Whether more was granted than the policy itself allowed."""
        return (
            self.is_decided
            and not self.is_declined
            and self.allowed_minor is not None
            and self.amount_minor > self.allowed_minor
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What one person answered on one request, how long it lay before her, and what she opened first."""

    request: Asked
    approver_id: int
    is_approval: bool
    rationale: str
    seconds: int
    evidence_count: int
    opened_count: int
    decided_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """An amount above which somebody else has a say, or had one when something was decided."""

    team_id: int
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Disputed:
    """A request whose charge was disputed before its money went back."""

    request_id: UUID
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class SharedPhoto:
    """Two requests with the same picture."""

    earlier_id: UUID
    later_id: UUID
    likelihood: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Everything that was read for one look, oldest rows first. `is_cut` says that there was more in these days.

    `linked` tells of identities that are more than one account.
    """

    from_at: datetime
    to_at: datetime
    is_cut: bool = False
    requests: Sequence[Asked]
    decisions: Sequence[Signed] = ()
    orders_of: Mapping[int, int] = field(default_factory=dict)
    order_count: int = 0
    identity_count: int = 0
    linked: Mapping[int, Identity] = field(default_factory=dict)
    disputed: Sequence[Disputed] = ()
    photos: Sequence[SharedPhoto] = ()

    @property
    def limits(self) -> list[Limit]:
        """Every limit that any request met, in order."""
        met = {(one.team_id, one.currency, minor) for one in self.requests for minor in one.limits}
        return [Limit(*one) for one in sorted(met)]

    @property
    def days(self) -> float:
        """How long the look goes back."""
        return max((self.to_at - self.from_at).total_seconds() / 86_400, 1.0)
