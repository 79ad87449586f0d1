"""Which facts a document asks about that an old decision may be too old to hold, rule by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.words import Per, Rule
from policies.simulation.conduct_rules import ASKED_IS_KNOWN
from policies.simulation.facts import (
    CHARGE_IS_UNKNOWN,
    DISPUTE_DUE_IN_HOURS,
    DISPUTE_IS_OPEN,
    TENURE_DAYS,
    recent_bought_minor,
    recent_minor,
)
from policies.simulation.sql import Sql, sql

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument

SUMS = "sums"


def unknown_facts(document: PolicyDocument) -> dict[str, Sql]:
    """Say for each rule when what it asks about was not recorded: `{"velocity.customer.30": ..., "tenure": ...}`.

    Most rules are silent there, so that the new outcome may be milder than it would be from now on.
    """
    found = _of_sums(document) | _of_velocity(document)
    if document.tenure is not None:
        found[Rule.TENURE] = sql("{} IS NULL", TENURE_DAYS)
    if document.business_hours is not None:
        found[Rule.BUSINESS_HOURS] = sql("NOT ({})", ASKED_IS_KNOWN)
    if document.dispute_deadline_hours is not None:
        found[Rule.DISPUTE_DEADLINE] = sql("{} AND {} IS NULL", DISPUTE_IS_OPEN, DISPUTE_DUE_IN_HOURS)
    return {str(rule): when for rule, when in found.items()}


def _of_sums(document: PolicyDocument) -> dict[str, Sql]:
    sums = document.sums
    found = {f"{SUMS}.{Per.CHARGE}": CHARGE_IS_UNKNOWN} if sums.same_charge else {}
    for per, days in ((Per.CUSTOMER, sums.customer_days), (Per.AGENT, sums.agent_days)):
        if days is not None:
            found[f"{SUMS}.{per}.{days}"] = sql("{} IS NULL", recent_minor(per, days))
    return found


def _of_velocity(document: PolicyDocument) -> dict[str, Sql]:
    found = {}
    for limit in document.velocity:
        window = (limit.per, limit.window_days)
        asked = recent_minor(*window) if limit.most_share_basis_points is None else recent_bought_minor(*window)
        found[f"{Rule.VELOCITY}.{limit.per}.{limit.window_days}"] = sql("{} IS NULL", asked)
    return found
