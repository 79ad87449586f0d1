"""A refusal also asserts that nothing moved: every row that money, people or auditors rely on, before and after."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from config.kernel.outbox import OutboxRow
from evidence.models import Attachment, CustomerMessage, LedgerEntry
from policies.models import GovernedAction, PolicyDecision
from refunds.models import (
    Announcement,
    Operation,
    Order,
    OrderLine,
    Payment,
    RefundLine,
    RefundRequest,
    WebhookDelivery,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED: tuple[Any, ...] = (
    RefundRequest,
    RefundLine,
    Order,
    OrderLine,
    Payment,
    Operation,
    ApprovalRoute,
    ApprovalStep,
    ApprovalDecision,
    PolicyDecision,
    GovernedAction,
    LedgerEntry,
    CustomerMessage,
    Attachment,
    OutboxRow,
    Announcement,
    WebhookDelivery,
)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Copy every row of the watched tables."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in WATCHED}


@contextmanager
def nothing_moves() -> Iterator[None]:
    """Compare all rows before and after."""
    before = everything()
    yield
    assert everything() == before


@contextmanager
def refused(kind: type[Exception], code: str) -> Iterator[None]:
    """Expect this refusal with this code, and that nothing moved."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield
    assert getattr(caught.value, "code", "") == code, caught.value
    assert everything() == before
