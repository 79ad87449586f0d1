"""Named sets of demands to start from: each is added to the catalogue with one click."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config.kernel.money import minor_digits
from config.kernel.people import Team
from evidence.points import FILES
from evidence.requirements import Demand
from evidence.vocabulary import Artifact, DecisionPoint
from policies.models import ExceptionCode
from policies.vocabulary import CodeState, Reason
from refunds.vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pattern(NamedTuple):
    """A set of demands with a name; what it demands may depend on the codes and currencies there are."""

    slug: str
    title: str
    meaning: str
    demands: Callable[[], Iterator[Demand]]


def pattern_named(slug: str) -> Pattern | None:
    """Find a pattern."""
    return next((pattern for pattern in PATTERNS if pattern.slug == slug), None)


def _currencies() -> list[tuple[str, int]]:
    """Name the currencies of the teams, each with the minor units of one whole unit."""
    codes = Team.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return [(code, 10 ** minor_digits(code)) for code in codes]


def _photo_of_damage() -> Iterator[Demand]:
    for currency, one in _currencies():
        for reason in (Reason.DAMAGED, Reason.NOT_AS_DESCRIBED):
            yield Demand(
                point=DecisionPoint.REQUEST,
                artifact=Artifact.PHOTO,
                reason=reason.value,
                above_minor=100 * one,
                currency=currency,
                why="Damage is seen, not told: the carrier pays no claim without a picture.",
                owner="Logistics",
            )


def _carrier_proof() -> Iterator[Demand]:
    yield Demand(
        point=DecisionPoint.REQUEST,
        artifact=Artifact.CARRIER_PROOF,
        reason=Reason.NOT_RECEIVED.value,
        why="What the carrier says of the parcel decides who owes the money.",
        owner="Logistics",
    )


def _bank_proof() -> Iterator[Demand]:
    yield Demand(
        point=DecisionPoint.PAYOUT,
        artifact=Artifact.BANK_PROOF,
        method=Method.BANK_TRANSFER.value,
        why="Money that does not go back the way it came goes only to an account proven to be the customer's.",
        owner="Finance",
    )


def _rationale_of_large_amounts() -> Iterator[Demand]:
    for currency, one in _currencies():
        yield Demand(
            point=DecisionPoint.APPROVAL,
            artifact=Artifact.RATIONALE,
            above_minor=500 * one,
            currency=currency,
            why="A signature without a reason cannot be tested a year later.",
            owner="Internal control",
        )


def _backtest_before_publishing() -> Iterator[Demand]:
    yield Demand(
        point=DecisionPoint.POLICY_CHANGE,
        artifact=Artifact.BACKTEST,
        why="Whoever signs sees which real requests would have ended otherwise.",
        owner="Policy",
    )


def _what_exception_codes_name() -> Iterator[Demand]:
    usable = set(FILES)
    for code in ExceptionCode.objects.filter(state=CodeState.ACTIVE).order_by("pk"):
        for kind in sorted(usable.intersection(map(Artifact, code.evidence_kinds))):
            yield Demand(
                point=DecisionPoint.EXCEPTION,
                artifact=kind,
                exception_code=code.pk,
                why=f"The catalogue of exception codes names it for {code.pk}.",
                owner=code.owner,
            )


PATTERNS = (
    Pattern(
        "photo-of-damage",
        "Photo for damage above 100",
        "Damaged and not as described, above 100 in the currency of each team.",
        _photo_of_damage,
    ),
    Pattern("carrier-proof", "Carrier proof for not received", "Any amount.", _carrier_proof),
    Pattern(
        "bank-proof",
        "Bank proof for another payout method",
        "Bank transfers wait until the account is proven.",
        _bank_proof,
    ),
    Pattern(
        "rationale",
        "Rationale for approvals above 500",
        "Each signature says why, above 500 in the currency of each team.",
        _rationale_of_large_amounts,
    ),
    Pattern(
        "backtest",
        "Backtest before a policy is published",
        "Of exactly the document that is published; emergency changes stay free.",
        _backtest_before_publishing,
    ),
    Pattern(
        "exception-codes",
        "What the exception codes name",
        "The evidence each active exception code names is asked for when it is granted.",
        _what_exception_codes_name,
    ),
)
