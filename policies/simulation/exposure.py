"""The amount that counts, in SQL; `policies.engine.exposure` says the same to one case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.words import Per
from policies.simulation.facts import AMOUNT_MINOR, CHARGE_MINOR, recent_minor
from policies.simulation.sql import Sql, sql

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument


def earlier_minor(document: PolicyDocument) -> Sql | None:
    """Find the largest sum the document adds; a window that nobody counted adds nothing."""
    sums = document.sums
    found = [CHARGE_MINOR] if sums.same_charge else []
    for per, days in ((Per.CUSTOMER, sums.customer_days), (Per.AGENT, sums.agent_days)):
        if days is not None:
            found.append(recent_minor(per, days))
    return sql("GREATEST(0" + ", {}" * len(found) + ")", *found) if found else None


def exposure_minor(document: PolicyDocument) -> Sql:
    """Add up what bands and signatures are asked about."""
    earlier = earlier_minor(document)
    return sql("({} + {})", AMOUNT_MINOR, earlier) if earlier else AMOUNT_MINOR


def on_charge_minor(document: PolicyDocument) -> Sql:
    """Add up what evidence is asked about."""
    return sql("({} + {})", AMOUNT_MINOR, CHARGE_MINOR) if document.sums.same_charge else AMOUNT_MINOR
