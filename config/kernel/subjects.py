"""What ledgers, routes, messages and attachments hang on, without knowing what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID


class Subject(NamedTuple):
    """A thing with a life of its own: `Subject("refund_request", id)`, `Subject("policy_version", id)`."""

    kind: str
    id: UUID
