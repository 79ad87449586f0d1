"""Demands of the evidence map, written by Root as she would in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evidence.attachments import attach
from evidence.requirements import Demand
from refunds.evidence_map.cataloguing import set_requirement
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from evidence.models import Attachment, EvidenceRequirement
    from refunds.models import RefundRequest

WHY = "The auditor asked for it."


def demanded(point: str = "approval", artifact: str = "receipt", **more: Any) -> EvidenceRequirement:
    """Demand an artifact at a point."""
    demand = Demand(point=point, artifact=artifact, **({"why": WHY, "owner": "Control"} | more))
    return set_requirement(demand=demand, actor=settle("root"), at=NOON)


def proved(refund_request: RefundRequest, by: User, kind: str = "receipt") -> Attachment:
    """Attach a file of a kind."""
    return attach(
        subject=refund_request.subject,
        team=refund_request.team,
        kind=kind,
        file=upload(drawing()),
        actor=by,
        at=NOON,
    )
