"""What people did with a case, and whether that goes together with what a policy said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, CharField, Exists, Min, OuterRef, Q, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce

from approvals.models import ApprovalDecision, ApprovalRoute
from approvals.vocabulary import RouteState
from approvals.vocabulary import Verdict as Answered
from config.kernel.wording import said

from .vocabulary import Outcome

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import PolicyDecision


class People(TextChoices):
    """What people did with a case, by its latest route of signatures."""

    APPROVED = "approved", said("Approved in full")
    LOWERED = "lowered", said("Approved for less")
    DECLINED = "declined", said("Declined")
    OPEN = "open", said("Still open")
    ENDED = "ended", said("Ended without an answer")
    NOBODY = "nobody", said("Nobody was asked to sign")


class Agreement(TextChoices):
    """How a verdict and what people did go together."""

    AGREES = "agrees", said("Agrees")
    IN_PART = "in_part", said("Agrees in part")
    DISAGREES = "disagrees", said("Disagrees")
    UNDECIDED = "undecided", said("Not decided by people")
    NO_CLAIM = "no_claim", said("Left to people by the policy")


FORMULA = (
    "agreement rate = agrees ÷ (agrees + agrees in part + disagrees), counting cases in which the policy makes a claim "
    "(would allow, would block) and people have decided. Would allow agrees with an approval in full, agrees in part "
    "with an approval for less and disagrees with a decline. Would block agrees with a decline and disagrees with any "
    "approval. Cases that are open, ended without an answer or were never put to people are counted apart; so are "
    "those the policy itself leaves to people (would ask for approval, would refer)."
)

_CLAIMS = {
    Outcome.ALLOW: {
        People.APPROVED: Agreement.AGREES,
        People.LOWERED: Agreement.IN_PART,
        People.DECLINED: Agreement.DISAGREES,
    },
    Outcome.BLOCK: {
        People.APPROVED: Agreement.DISAGREES,
        People.LOWERED: Agreement.DISAGREES,
        People.DECLINED: Agreement.AGREES,
    },
}
"""The formula as a table: what each claim makes of each answer."""


def agreement_of(outcome: str, people: str) -> Agreement:
    """Tell how a verdict and what people did go together."""
    claim = _CLAIMS.get(Outcome(outcome))
    return Agreement.NO_CLAIM if claim is None else claim.get(People(people), Agreement.UNDECIDED)


def that_go_together(agreement: str) -> Q:
    """Narrow decisions that know their `people` to those of which the same is told."""
    found = Q(pk__in=[])
    for outcome in Outcome:
        answers = [people for people in People if agreement_of(outcome, people) == agreement]
        found |= Q(outcome=outcome, people__in=answers)
    return found


def with_people(rows: QuerySet[PolicyDecision]) -> QuerySet[PolicyDecision]:
    """Say of each decision what `people` did with its case."""
    # One subquery that answers a word: PostgreSQL asks a subquery again wherever a CASE of ours would repeat it.
    word = Case(
        When(state=RouteState.OPEN, then=Value(People.OPEN)),
        When(state=RouteState.CLOSED, then=Value(People.ENDED)),
        When(state=RouteState.DECLINED, then=Value(People.DECLINED)),
        When(
            Exists(
                ApprovalDecision.objects.filter(
                    route=OuterRef("pk"), verdict=Answered.APPROVE, amount_minor__lt=OuterRef("amount_minor")
                )
            ),
            then=Value(People.LOWERED),
        ),
        default=Value(People.APPROVED),
        output_field=CharField(),
    )
    latest = (
        ApprovalRoute.objects.filter(subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id"))
        .order_by("-opened_at", "-pk")
        .annotate(word=word)
    )
    return rows.annotate(people=Coalesce(Subquery(latest.values("word")[:1]), Value(People.NOBODY)))


def with_agreed(rows: QuerySet[PolicyDecision]) -> QuerySet[PolicyDecision]:
    """Say of each decision the least that anybody signed for: nobody's name stands under more."""
    signed = (
        ApprovalDecision.objects.filter(
            route__subject_kind=OuterRef("subject_kind"),
            route__subject_id=OuterRef("subject_id"),
            route__state=RouteState.APPROVED,
            verdict=Answered.APPROVE,
        )
        .order_by()
        .values("route__subject_id")
        .annotate(least=Min("amount_minor"))
        .values("least")
    )
    return rows.annotate(agreed_minor=Subquery(signed))
