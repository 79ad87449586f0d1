"""What people did with a case, and whether that goes together with what a policy said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, CharField, F, Min, OuterRef, Q, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce

from approvals.models import ApprovalDecision, ApprovalRoute
from approvals.vocabulary import RouteState
from approvals.vocabulary import Verdict as Answered

from .vocabulary import Outcome

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import PolicyDecision


class People(TextChoices):
    """What people did with a case, by its latest route of signatures."""

    APPROVED = "approved", "Approved in full"
    LOWERED = "lowered", "Approved for less"
    DECLINED = "declined", "Declined"
    OPEN = "open", "Still open"
    ENDED = "ended", "Ended without an answer"
    NOBODY = "nobody", "Nobody was asked to sign"


class Agreement(TextChoices):
    """How a verdict and what people did go together."""

    AGREES = "agrees", "Agrees"
    IN_PART = "in_part", "Agrees in part"
    DISAGREES = "disagrees", "Disagrees"
    UNDECIDED = "undecided", "Not decided by people"
    NO_CLAIM = "no_claim", "Left to people by the policy"


FORMULA = (
    "agreement rate = agrees ÷ (agrees + agrees in part + disagrees), counting cases in which the policy makes a claim "
    "(would allow, would block) and people have decided. Would allow agrees with an approval in full, agrees in part "
    "with an approval for less and disagrees with a decline. Would block agrees with a decline and disagrees with any "
    "approval. Cases that are open, ended without an answer or were never put to people are counted apart; so are "
    "those the policy itself leaves to people (would ask for approval, would refer)."
)

GOES_TOGETHER = Case(
    When(~Q(outcome__in=[Outcome.ALLOW, Outcome.BLOCK]), then=Value(Agreement.NO_CLAIM)),
    When(people__in=[People.OPEN, People.ENDED, People.NOBODY], then=Value(Agreement.UNDECIDED)),
    When(outcome=Outcome.ALLOW, people=People.APPROVED, then=Value(Agreement.AGREES)),
    When(outcome=Outcome.BLOCK, people=People.DECLINED, then=Value(Agreement.AGREES)),
    When(outcome=Outcome.ALLOW, people=People.LOWERED, then=Value(Agreement.IN_PART)),
    default=Value(Agreement.DISAGREES),
    output_field=CharField(),
)


def with_people(rows: QuerySet[PolicyDecision]) -> QuerySet[PolicyDecision]:
    """Say what people did, and the least that any of them signed for: nobody's name stands under more."""
    of_the_case = {"subject_kind": OuterRef("subject_kind"), "subject_id": OuterRef("subject_id")}
    routes = ApprovalRoute.objects.filter(**of_the_case).order_by("-opened_at", "-pk")
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
    return rows.annotate(
        route_state=Coalesce(Subquery(routes.values("state")[:1]), Value("")),
        agreed_minor=Subquery(signed),
        people=Case(
            When(route_state="", then=Value(People.NOBODY)),
            When(route_state=RouteState.OPEN, then=Value(People.OPEN)),
            When(route_state=RouteState.CLOSED, then=Value(People.ENDED)),
            When(route_state=RouteState.DECLINED, then=Value(People.DECLINED)),
            When(agreed_minor__lt=F("amount_minor"), then=Value(People.LOWERED)),
            default=Value(People.APPROVED),
            output_field=CharField(),
        ),
    )
