"""Decisions: a bot, a helpdesk or a payout job asks before it moves money; people sign; what left shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from approvals.models import ApprovalStep
from approvals.services.leasing import check_not_held
from approvals.vocabulary import Category, Verdict
from config.kernel.money import Money
from config.kernel.people import teams_of
from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from config.kernel.sign_in import token_signed_in_at
from policies.actions.asking import ASKS, Wish
from policies.actions.deciding import decide
from policies.permissions import actions_visible_to
from refunds.actions.asking import ask

from .decision_shapes import ActionAnswer, ActionQuery, AskBody, SignBody

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from config.kernel.people import Team, User
    from policies.models import GovernedAction

CREATED = 201
SEES = "policies.view_governedaction"
SIGNS = "approvals.decide_approvalstep"


class DecisionView(ApiView):
    """An address that answers with a governed action."""

    asks = {"GET": SEES}

    def answer(self, action_id: UUID, status: int = 200) -> Response:
        """Answer the action as it is now.

        :raises Http404: to whoever may not see it
        """
        return self.shown(shown_to(self.caller).filter(pk=action_id), ActionAnswer, status)


class Decisions(DecisionView):
    """What was asked about, and what left without it."""

    asks = {"GET": SEES, "POST": ASKS}

    @extend_schema(
        operation_id="list_decisions",
        summary="List governed actions, newest first",
        tags=["Decisions"],
        parameters=[ActionQuery],
        responses=page_of(ActionAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page; `ungoverned=true` lists only what left without a decision."""
        wanted = self.query(ActionQuery)
        return self.page(_narrowed(shown_to(self.caller), wanted), ActionAnswer)

    @extend_schema(
        operation_id="ask_for_decision",
        summary="Ask before moving money",
        tags=["Decisions"],
        request=AskBody,
        responses={CREATED: ActionAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Judge an action by the policy in force and answer whether it may be done.

        `require_approval` opens a route: people sign in the queue, and its end is told by webhook
        (`approval.granted`, `approval.denied`). In shadow `enforced` is false and nothing is gated, unless
        `execute` is true: then people decide. A decision reserves nothing; ask right before you move money.
        """
        body = self.read(AskBody)
        action = ask(wish=_wish_of(body, self.caller), actor=self.caller, at=timezone.now())
        return self.answer(action.pk, CREATED)


class OneDecision(DecisionView):
    """One governed action."""

    @extend_schema(operation_id="read_decision", summary="Read a decision", tags=["Decisions"], responses=ActionAnswer)
    def get(self, request: Request, action_id: UUID) -> Response:  # noqa: ARG002
        """Answer the verdict, the signatures and what became of it."""
        return self.answer(action_id)


class SignDecision(DecisionView):
    """A verb of people who sign."""

    asks = {"POST": SIGNS}
    verdict = Verdict.APPROVE

    def say(self, action_id: UUID) -> Response:
        """Decide, and answer the action as it is then."""
        found = actions_visible_to(self.caller).select_related("route").filter(pk=action_id).first()
        if found is None:
            raise Http404
        words = self.read(SignBody)
        at = timezone.now()
        check_not_held(route=found.route, actor=self.caller, at=at)
        decide(
            reference=found.reference,
            verdict=self.verdict,
            rationale=words["rationale"],
            signed_in_at=token_signed_in_at(self.request.auth, self.request, at=at),
            actor=self.caller,
            at=at,
        )
        return self.answer(action_id)


class ApproveDecision(SignDecision):
    """Yes."""

    @extend_schema(
        operation_id="approve_decision",
        summary="Sign for a governed action",
        tags=["Decisions"],
        request=SignBody,
        responses=ActionAnswer,
    )
    def post(self, request: Request, action_id: UUID) -> Response:  # noqa: ARG002
        """Sign for it as it was asked about."""
        return self.say(action_id)


class DeclineDecision(SignDecision):
    """No."""

    verdict = Verdict.DECLINE

    @extend_schema(
        operation_id="decline_decision",
        summary="Refuse a governed action",
        tags=["Decisions"],
        request=SignBody,
        responses=ActionAnswer,
    )
    def post(self, request: Request, action_id: UUID) -> Response:  # noqa: ARG002
        """Say no, and why."""
        return self.say(action_id)


def shown_to(viewer: User) -> QuerySet[GovernedAction]:
    """Select what this viewer may see, with everything the answer needs in a fixed number of queries."""
    return (
        actions_visible_to(viewer)
        .select_related("team", "requested_by", "decision__version__policy", "route")
        .defer("decision__facts", "decision__version__document")
        .prefetch_related(Prefetch("route__steps", ApprovalStep.objects.order_by("level", "place")))
    )


def _narrowed(actions: QuerySet[GovernedAction], wanted: Mapping[str, Any]) -> QuerySet[GovernedAction]:
    columns = {"ungoverned": "is_ungoverned", "state": "state", "category": "category", "team": "team__slug"}
    return actions.filter(**{column: wanted[name] for name, column in columns.items() if wanted.get(name) is not None})


def _wish_of(body: Mapping[str, Any], caller: User) -> Wish:
    context = body["context"]
    return Wish(
        team=_team_of(body, caller),
        category=Category(body["category"]),
        amount=Money(body["amount_minor"], body["currency"]),
        reason=body["reason"],
        gateway=body["subject"]["gateway"],
        about=body["subject"]["external_id"],
        destination=context["destination"] or "",
        customer=context["customer"] or "",
        dispute_due_at=context["dispute_due_at"],
        is_to_be_executed=body["execute"],
    )


def _team_of(body: Mapping[str, Any], caller: User) -> Team:
    team = next((team for team in teams_of(caller) if team.slug == body["team"]), None)
    if team is None:
        raise Refused("unknown_team", f"There is no team “{body['team']}” you work for.", "team")
    return team
