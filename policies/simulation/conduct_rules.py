"""The rules of `policies.engine.conduct_rules` in SQL: who asks how often, since when, at what hour, on what ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.conduct import minutes_of
from policies.engine.words import Outcome, Rule
from policies.simulation.exposure import exposure_minor
from policies.simulation.facts import (
    AMOUNT_MINOR,
    ASKED_MINUTE,
    ASKED_ON,
    ASKED_WEEKDAY,
    CURRENCY,
    DISPUTE_DUE_IN_HOURS,
    LEGAL_BASIS,
    REASON,
    TENURE_DAYS,
    recent_bought_minor,
    recent_count,
    recent_minor,
)
from policies.simulation.rules import Failure
from policies.simulation.sql import NOTHING, Sql, any_of, is_in, looked_up, sql

if TYPE_CHECKING:
    from policies.engine.conduct import BusinessHours, Span, VelocityLimit
    from policies.engine.document import PolicyDocument


def velocity(document: PolicyDocument) -> list[Failure]:
    """Hold each limit against what was counted, this outflow included; a window nobody counted says nothing."""
    return [
        Failure(f"{Rule.VELOCITY}.{limit.per}.{limit.window_days}", limit.severity, any_of(_exceeded(limit)))
        for limit in document.velocity
    ]


def tenure(document: PolicyDocument) -> list[Failure]:
    """Keep large automatic amounts from customers nobody knows yet."""
    rule = document.tenure
    if rule is None:
        return []
    limit = looked_up(CURRENCY, rule.auto_up_to_minor, 0)
    when = sql("coalesce({}, -1) < {} AND {} > {}", TENURE_DAYS, rule.minimum_days, exposure_minor(document), limit)
    return [Failure(Rule.TENURE, Outcome.REQUIRE_APPROVAL, when)]


def business_hours(document: PolicyDocument) -> list[Failure]:
    """Keep large automatic amounts out of hours in which nobody could look."""
    rule = document.business_hours
    if rule is None:
        return []
    limit = looked_up(CURRENCY, rule.auto_up_to_minor, 0)
    # Where no hour was kept, nothing can be said of it.
    when = sql("coalesce(NOT {}, FALSE) AND {} > {}", _are_open(rule), exposure_minor(document), limit)
    return [Failure(Rule.BUSINESS_HOURS, Outcome.REQUIRE_APPROVAL, sql("{} AND {}", ASKED_IS_KNOWN, when))]


def dispute_deadline(document: PolicyDocument) -> list[Failure]:
    """Bring a person in while evidence for a dispute is due soon or overdue."""
    limit = document.dispute_deadline_hours
    if limit is None:
        return []
    when = sql("coalesce({} <= {}, FALSE)", DISPUTE_DUE_IN_HOURS, limit)
    return [Failure(Rule.DISPUTE_DEADLINE, Outcome.REQUIRE_APPROVAL, when)]


def legal_basis(document: PolicyDocument) -> list[Failure]:
    """Let a person check a ground that somebody claimed and the reason does not give."""
    usual = looked_up(REASON, document.return_windows.legal_basis_by_reason, Sql("''"))
    when = sql("{} <> '' AND {} <> {}", LEGAL_BASIS, LEGAL_BASIS, usual)
    return [Failure(Rule.LEGAL_BASIS, Outcome.REQUIRE_APPROVAL, when)]


ASKED_IS_KNOWN = sql("{} IS NOT NULL AND {} IS NOT NULL AND {} IS NOT NULL", ASKED_WEEKDAY, ASKED_MINUTE, ASKED_ON)


def _are_open(rule: BusinessHours) -> Sql:
    return sql("({} AND NOT {})", any_of(map(_covers, rule.spans)), is_in(ASKED_ON, rule.closed_on))


def _covers(span: Span) -> Sql:
    weekdays = sorted(span.weekdays)
    opens, closes = minutes_of(span.opens), minutes_of(span.closes)
    return sql(
        "{} = ANY({}::bigint[]) AND {} >= {} AND {} < {}",
        ASKED_WEEKDAY,
        weekdays,
        ASKED_MINUTE,
        opens,
        ASKED_MINUTE,
        closes,
    )


def _exceeded(limit: VelocityLimit) -> list[Sql]:
    window = (limit.per, limit.window_days)
    exceeded = []
    if limit.most_count is not None:
        exceeded.append(sql("coalesce({} + 1 > {}, FALSE)", recent_count(*window), limit.most_count))
    if limit.most_minor or limit.most_share_basis_points is not None:
        together = sql("{} + {}", recent_minor(*window), AMOUNT_MINOR)
        exceeded.append(sql("coalesce({} > {}, FALSE)", together, _velocity_limit_minor(limit)))
    return exceeded


def _velocity_limit_minor(limit: VelocityLimit) -> Sql:
    """Find the least of the limits that apply; LEAST passes by those that are NULL."""
    of_currency = looked_up(CURRENCY, limit.most_minor, NOTHING)
    if limit.most_share_basis_points is None:
        return of_currency
    bought = recent_bought_minor(limit.per, limit.window_days)
    return sql("LEAST({}, {} * {} / 10000)", of_currency, bought, limit.most_share_basis_points)
