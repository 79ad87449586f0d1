"""Delegations over the API: what the caller lent and holds, offering, and the answers to an offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.response import Response

from approvals.delegation_lists import SEES, visible_delegations
from approvals.delegation_rules import LONGEST_WHY, Offer, check_may_lend
from approvals.services.delegating import accept_delegation, decline_delegation, end_delegation, offer_delegation
from config.kernel.bodies import CurrencyField, ExactSerializer, MinorField, MomentField, NoBody, PageQuery, WordField
from config.kernel.money import Money
from config.kernel.pages import CursorPages
from config.kernel.people import Team, User, team_ids_of
from config.kernel.refusals import Reason, Refused
from config.kernel.rest import ApiView
from config.kernel.schema import page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from rest_framework.request import Request

    from approvals.models import Delegation

MOST_NAMES = 100


class OfferBody(ExactSerializer):
    """Whom to lend to, when, and how far; without teams, categories or a ceiling it holds as far as both limits."""

    to = WordField(max_length=150, help_text="The username of a colleague who signs herself.")
    from_at = MomentField()
    until_at = MomentField(help_text="The first moment at which it no longer holds.")
    teams = serializers.ListField(child=WordField(max_length=50), required=False, max_length=MOST_NAMES)
    categories = serializers.ListField(child=WordField(max_length=32), required=False, max_length=MOST_NAMES)
    single_minor = MinorField(required=False, allow_null=True, help_text="A ceiling for one request.")
    currency = CurrencyField(required=False, allow_null=True, allow_blank=True, help_text="Of the ceiling.")
    why = WordField(required=False, allow_blank=True, max_length=LONGEST_WHY)


class DelegationAnswer(serializers.Serializer[Any]):
    """One delegation; it is in force from `from_at` up to but not including `until_at` while `accepted`."""

    id = serializers.UUIDField()
    lent_by = serializers.CharField(source="lent_by.username")
    to = serializers.CharField(source="lent_to.username")
    state = serializers.CharField()
    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField()
    teams = serializers.SerializerMethodField()
    categories = serializers.ListField(child=serializers.CharField())
    single_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    why = serializers.CharField(allow_blank=True)
    offered_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_teams(self, delegation: Delegation) -> list[str]:
        """Name the teams it holds for; none means all of them."""
        return [team.slug for team in delegation.teams.all()]


class LatestOffer(CursorPages):
    """The latest offer first."""

    ordering = ("-offered_at", "-id")


class Delegations(ApiView):
    """What is lent."""

    asks = {"GET": SEES, "POST": "approvals.add_delegation"}

    @extend_schema(
        operation_id="list_delegations",
        summary="List what you lent and hold; auditors and administrators see everybody's",
        tags=["Delegations"],
        parameters=[PageQuery],
        responses=page_of(DelegationAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        self.query(PageQuery)
        return self.page(visible_delegations(self.caller).order_by(), DelegationAnswer, LatestOffer)

    @extend_schema(
        operation_id="offer_delegation",
        summary="Offer a colleague to sign in your name; it binds once it is accepted",
        tags=["Delegations"],
        request=OfferBody,
        responses={201: DelegationAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Offer."""
        check_may_lend(self.caller)
        offer = _offer_in(self.read(OfferBody), self.caller)
        offered = offer_delegation(offer=offer, actor=self.caller, at=timezone.now())
        return _answer(offered, self.caller, status.HTTP_201_CREATED)


class Answer(ApiView):
    """One verb on one delegation; whoever has nothing to do with it hears 404."""

    asks = {"POST": SEES}
    command: ClassVar[Callable[..., Delegation]]

    def speak(self, delegation_id: UUID) -> Response:
        """Call the command and answer the delegation as it is then."""
        if not visible_delegations(self.caller).filter(pk=delegation_id).exists():
            raise Http404
        self.read(NoBody)
        changed = type(self).command(delegation_id=delegation_id, actor=self.caller, at=timezone.now())
        return _answer(changed, self.caller, status.HTTP_200_OK)


class Accept(Answer):
    """Take an offer."""

    command = accept_delegation

    @extend_schema(
        operation_id="accept_delegation",
        summary="Accept an offer made to you",
        tags=["Delegations"],
        request=None,
        responses=DelegationAnswer,
    )
    def post(self, request: Request, delegation_id: UUID) -> Response:  # noqa: ARG002
        """Accept."""
        return self.speak(delegation_id)


class Decline(Answer):
    """Say no to an offer."""

    command = decline_delegation

    @extend_schema(
        operation_id="decline_delegation",
        summary="Decline an offer made to you",
        tags=["Delegations"],
        request=None,
        responses=DelegationAnswer,
    )
    def post(self, request: Request, delegation_id: UUID) -> Response:  # noqa: ARG002
        """Decline."""
        return self.speak(delegation_id)


class End(Answer):
    """End it at once."""

    command = end_delegation

    @extend_schema(
        operation_id="end_delegation",
        summary="End a delegation, or take an offer back",
        tags=["Delegations"],
        request=None,
        responses=DelegationAnswer,
    )
    def post(self, request: Request, delegation_id: UUID) -> Response:  # noqa: ARG002
        """End it."""
        return self.speak(delegation_id)


def _offer_in(body: dict[str, Any], lender: User) -> Offer:
    """Read the names in a body.

    :raises Refused: naming each that nobody and nothing here is called by
    """
    reasons = []
    lent_to = User.objects.filter(username=body["to"]).first()
    if lent_to is None:
        reasons.append(Reason("refused", f"There is nobody called “{body['to']}”.", "to"))
    slugs = body.get("teams", [])
    teams = {team.slug: team for team in Team.objects.filter(pk__in=team_ids_of(lender), slug__in=slugs)}
    reasons += [Reason("refused", f"You work for no team “{slug}”.", "teams") for slug in slugs if slug not in teams]
    single, currency = body.get("single_minor"), body.get("currency") or ""
    if single is not None and not currency:
        reasons.append(Reason("refused", "Say in which currency.", "currency"))
    if reasons or lent_to is None:
        raise Refused.of(reasons)
    return Offer(
        lent_to=lent_to,
        from_at=body["from_at"],
        until_at=body["until_at"],
        teams=tuple(teams.values()),
        categories=tuple(body.get("categories", [])),
        ceiling=None if single is None else Money(single, currency),
        why=body.get("why", ""),
    )


def _answer(delegation: Delegation, viewer: User, code: int) -> Response:
    row = visible_delegations(viewer).get(pk=delegation.pk)
    return Response(DelegationAnswer(row).data, status=code)
