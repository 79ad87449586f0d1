"""One policy as an expression for the engines of others, and the inputs they are asked with.

The expression is written from the document of a template, so that no number stands here twice. It says what the outcome
is and nothing else; the sums that our engine works out for itself are handed to the others ready-made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from policies.engine.exposure import exposure_minor, on_charge_minor
from policies.engine.words import Category, Outcome, Per

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts

UNKNOWN: Final = -1
NEVER_DUE: Final = 10**6


class Dialect(NamedTuple):
    """How an engine writes what two of them write differently."""

    both: str
    either: str
    negated: str
    some: str
    field: str


ZEN: Final = Dialect(" and ", " or ", "not ", "some(lines, {})", "#")
CEL: Final = Dialect(" && ", " || ", "!", "lines.exists(l, {})", "l")


def inputs_of(document: PolicyDocument, facts: RefundFacts) -> dict[str, Any]:
    """Flatten facts for an expression: unknown numbers are -1, windows have names, sums are added up."""
    recent = {f"{seen.per}_{seen.window_days}": seen for seen in facts.recent}
    month, year, day = recent["customer_30"], recent["customer_365"], recent["agent_1"]
    return {
        "category": facts.category,
        "currency": facts.currency,
        "amount": facts.amount_minor,
        "exposure": exposure_minor(document, facts),
        "on_charge": on_charge_minor(document, facts),
        "reason": facts.reason,
        "found": facts.payment_is_found,
        "refundable": facts.refundable_minor or 0,
        "disputed": facts.dispute_is_open,
        "due": NEVER_DUE if facts.dispute_due_in_hours is None else facts.dispute_due_in_hours,
        "days": UNKNOWN if facts.days_since_delivery is None else facts.days_since_delivery,
        "tenure": UNKNOWN if facts.customer_tenure_days is None else facts.customer_tenure_days,
        "weekday": facts.asked_weekday,
        "minute": facts.asked_minute,
        "day": facts.asked_on.isoformat() if facts.asked_on else "",
        "lines": [
            {"product": line.product_category, "state": line.condition, "final": line.final_sale}
            for line in facts.lines
        ],
        "evidence": sorted(facts.evidence_kinds),
        "month_count": month.count + 1,
        "year_minor": year.minor + facts.amount_minor,
        "year_bought": year.bought_minor or 0,
        "agent_count": day.count + 1,
        "agent_minor": day.minor + facts.amount_minor,
    }


def expression_of(document: PolicyDocument, currency: str, dialect: Dialect) -> str:
    """Write the document as one expression whose value is the outcome; it stops at the first rule that decides."""
    blocked, referred, asked = (
        dialect.either.join(f"({clause})" for clause in clauses)
        for clauses in clauses_of(document, currency, dialect).values()
    )
    return f"{blocked} ? 'block' : {referred} ? 'exception' : {asked} ? 'require_approval' : 'allow'"


def findings_of(document: PolicyDocument, currency: str, dialect: Dialect) -> str:
    """Write the document as one expression whose value is the list of what failed, rule by rule."""
    clauses = [clause for some in clauses_of(document, currency, dialect).values() for clause in some]
    return f"[{', '.join(f'({clause})' for clause in clauses)}]"


def clauses_of(document: PolicyDocument, currency: str, dialect: Dialect) -> dict[Outcome, list[str]]:
    """Write each rule as an expression that is true when it fails, by what follows, the worst first."""
    return {
        Outcome.BLOCK: _blocks(document, currency, dialect),
        Outcome.EXCEPTION: _refers(document, dialect),
        Outcome.REQUIRE_APPROVAL: _asks(document, currency, dialect),
    }


def _blocks(document: PolicyDocument, currency: str, say: Dialect) -> list[str]:
    to_customers = _in("category", [Category.REFUND, Category.GOODWILL_CREDIT])
    return [
        say.both.join(["category == 'refund'", "found", "amount > refundable"]),
        say.both.join(["disputed", to_customers]),
        say.both.join([f"currency == '{currency}'", f"exposure > {_band(document, currency, 'approve_up_to_minor')}"]),
    ]


def _refers(document: PolicyDocument, say: Dialect) -> list[str]:
    line, conditions = say.field, document.conditions
    refused = f"{line}.state != ''{say.both}{say.negated}({_in(f'{line}.state', conditions.accepted)})"
    clauses = [
        f"{say.negated}found",
        say.some.format(f"{line}.final"),
        say.some.format(_in(f"{line}.product", document.exclusions.product_categories)),
        _late(document, say),
    ]
    for reason, accepted in conditions.accepted_by_reason.items():
        other = f"{line}.state != ''{say.both}{say.negated}({_in(f'{line}.state', accepted)})"
        clauses.append(say.both.join([f"reason == '{reason}'", say.some.format(other)]))
    usual = f"{say.negated}({_in('reason', conditions.accepted_by_reason)})"
    clauses.append(say.both.join([usual, say.some.format(refused)]))
    return [say.both.join(["category == 'refund'", f"({clause})"]) for clause in clauses]


def _late(document: PolicyDocument, say: Dialect) -> str:
    windows = document.return_windows
    limits: list[tuple[str, int | None, dict[str, int | None]]] = [
        (f"reason == '{reason}'", days, {}) for reason, days in windows.days_by_reason.items()
    ]
    for basis, window in windows.days_by_legal_basis.items():
        reasons = [reason for reason, ground in windows.legal_basis_by_reason.items() if ground == basis]
        if reasons:
            limits.append((_in("reason", reasons), window.default_days, window.days_by_product_category))
    named = say.either.join(f"({condition})" for condition, _, _ in limits)
    limits.append((f"{say.negated}({named})", windows.default_days, windows.days_by_product_category))
    return say.either.join(
        f"({say.both.join([f'({condition})', f'({_out_of(days, by_product, say)})'])})"
        for condition, days, by_product in limits
        if days is not None
    )


def _out_of(days: int | None, by_product: dict[str, int | None], say: Dialect) -> str:
    """Write that the strictest window of the goods is over, or that the day is not known on a payment that is."""
    clauses = [f"days < 0{say.both}found"]
    for product, limit in by_product.items():
        clauses.append(f"days > {limit}{say.both}{say.some.format(f'{say.field}.product == {product!r}')}")
    others = f"{say.negated}({_in(f'{say.field}.product', by_product)})" if by_product else "true"
    none = "len(lines) == 0" if say is ZEN else "size(lines) == 0"
    clauses.append(f"days > {days}{say.both}({say.some.format(others)}{say.either}{none})")
    return say.either.join(f"({clause})" for clause in clauses)


def _asks(document: PolicyDocument, currency: str, say: Dialect) -> list[str]:
    tenure, hours = document.tenure, document.business_hours
    assert tenure is not None
    assert hours is not None
    spans = [
        say.both.join(
            [_in("weekday", span.weekdays), f"minute >= {_minutes(span.opens)}", f"minute < {_minutes(span.closes)}"]
        )
        for span in hours.spans
    ]
    is_open = (
        f"{say.negated}({_in('day', hours.closed_on)}){say.both}({say.either.join(f'({span})' for span in spans)})"
    )
    evidence = [
        say.both.join(
            [
                _in("category", [Category.REFUND, Category.GOODWILL_CREDIT]),
                f"reason == '{reason}'",
                f"on_charge > {demand.above_minor[currency]}",
                say.either.join(f"{say.negated}('{kind}' in evidence)" for kind in sorted(demand.kinds)),
            ]
        )
        for reason, demand in document.evidence.items()
    ]
    month, year, agent = document.velocity
    assert [(limit.per, limit.window_days) for limit in document.velocity] == [
        (Per.CUSTOMER, 30),
        (Per.CUSTOMER, 365),
        (Per.AGENT, 1),
    ]
    return [
        f"due <= {document.dispute_deadline_hours}",
        f"currency != '{currency}'",
        f"exposure > {_band(document, currency, 'auto_up_to_minor')}",
        _in("reason", document.reasons_always_escalated),
        f"tenure < {tenure.minimum_days}{say.both}exposure > {tenure.auto_up_to_minor[currency]}",
        f"{say.negated}({is_open}){say.both}exposure > {hours.auto_up_to_minor[currency]}",
        *evidence,
        f"month_count > {month.most_count}",
        f"year_minor * 10000 > year_bought * {year.most_share_basis_points}",
        f"agent_count > {agent.most_count}{say.either}agent_minor > {agent.most_minor[currency]}",
    ]


def _band(document: PolicyDocument, currency: str, limit: str) -> str:
    said = str(getattr(document.thresholds["default"][currency], limit))
    for category, bands in document.thresholds.items():
        if category != "default":
            said = f"category == '{category}' ? {getattr(bands[currency], limit)} : {said}"
    return f"({said})"


def _in(name: str, words: Any) -> str:
    listed = ", ".join(str(word) if isinstance(word, int) else f"'{word}'" for word in sorted(words))
    return f"{name} in [{listed}]"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
