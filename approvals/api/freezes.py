"""Freezes over the API: what is on and what was, set one, lift one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from approvals.models import FreezeSwitch
from approvals.services.freezes import LIFTS, LONGEST_REASON, SETS, Target, lift_freeze, set_freeze
from approvals.standing_freezes import SEES, stopped_by, stops_everything, visible_to
from approvals.vocabulary import Category, FreezeScope
from config.kernel.asking_again import check_shown_again
from config.kernel.bodies import ExactSerializer, PageQuery, WordField
from config.kernel.pages import CursorPages
from config.kernel.people import Team, User
from config.kernel.refusals import Refused
from config.kernel.rest import ApiView
from config.kernel.schema import page_of

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class FreezeQuery(PageQuery):
    """Which freezes to list."""

    on = serializers.BooleanField(required=False, help_text="Only those that are on.")


class FreezeBody(ExactSerializer):
    """What to freeze and why."""

    scope = serializers.ChoiceField(choices=FreezeScope.choices)
    agent = WordField(required=False, default="", max_length=150, help_text="The username, for the scope `agent`.")
    team = WordField(required=False, default="", max_length=50, help_text="The slug, for the scope `team`.")
    category = serializers.ChoiceField(choices=Category.choices, required=False, default="")
    reason = WordField(max_length=LONGEST_REASON, help_text="At least 10 characters.")


class LiftQuery(ExactSerializer):
    """Why a freeze is lifted."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="At least 10 characters.")


class StoppedAnswer(serializers.Serializer[Any]):
    """How much of one currency a freeze kept from one verb."""

    what = serializers.CharField(source="words")
    count = serializers.IntegerField()
    amount_minor = serializers.IntegerField(source="amount.minor")
    currency = serializers.CharField(source="amount.currency")


class FreezeAnswer(serializers.Serializer[Any]):
    """One switch, and what it stopped in the caller's teams."""

    id = serializers.UUIDField()
    scope = serializers.ChoiceField(choices=FreezeScope.choices)
    agent = serializers.CharField(source="agent.username", allow_null=True, default=None)
    team = serializers.CharField(source="team.slug", allow_null=True, default=None)
    category = serializers.CharField()
    reason = serializers.CharField(source="why")
    set_by = serializers.CharField(source="set_by.username")
    set_at = serializers.DateTimeField()
    lifted_by = serializers.CharField(source="lifted_by.username", allow_null=True, default=None)
    lifted_at = serializers.DateTimeField(allow_null=True)
    lifted_reason = serializers.CharField(source="lifted_why")
    stopped = serializers.SerializerMethodField()

    def get_stopped(self, switch: FreezeSwitch) -> StoppedAnswer(many=True):  # type: ignore[valid-type]  # read by spectacular
        """Sum what it stopped, by verb and currency."""
        viewer = cast("User", self.context["request"].user)
        return StoppedAnswer(stopped_by([switch], viewer)[switch.pk].sums, many=True).data


class NewestSet(CursorPages):
    """Newest first."""

    ordering = ("-set_at", "-id")


class Freezes(ApiView):
    """All freezes."""

    asks = {"GET": SEES, "POST": SETS}

    @extend_schema(
        operation_id="list_freezes",
        summary="List freezes, newest first",
        tags=["Freezes"],
        parameters=[FreezeQuery],
        responses=page_of(FreezeAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page."""
        rows = visible_to(self.caller)
        if self.query(FreezeQuery).get("on", False):
            rows = rows.filter(lifted_at__isnull=True)
        return self.page(rows, FreezeAnswer, NewestSet)

    @extend_schema(
        operation_id="set_freeze",
        summary="Stop submitting, granting, approving and paying at once",
        tags=["Freezes"],
        request=FreezeBody,
        responses={201: FreezeAnswer},
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Freeze a person, a team, a category or everything."""
        words = self.read(FreezeBody)
        target = Target(
            scope=words["scope"],
            agent=_named(User, "agent", username=words["agent"]) if words["agent"] else None,
            team=_named(Team, "team", slug=words["team"]) if words["team"] else None,
            category=words["category"],
        )
        switch = set_freeze(target=target, why=words["reason"], actor=self.caller, at=timezone.now())
        return Response(FreezeAnswer(switch, context={"request": self.request}).data, status.HTTP_201_CREATED)


class OneFreeze(ApiView):
    """One freeze."""

    asks = {"DELETE": LIFTS}

    @extend_schema(
        operation_id="lift_freeze",
        summary="Lift a freeze; what it held back goes on",
        tags=["Freezes"],
        parameters=[LiftQuery],
        request=None,
        responses={200: FreezeAnswer},
    )
    def delete(self, request: Request, switch_id: UUID) -> Response:
        """Lift it; the reason comes in the query or in a body. That of everything wants a fresh sign-in."""
        if not visible_to(self.caller).filter(pk=switch_id).exists():
            raise Http404
        if stops_everything(switch_id):
            check_shown_again(request, at=timezone.now())
        words = self.read(LiftQuery) if request.data else self.query(LiftQuery)
        try:
            switch = lift_freeze(switch_id=switch_id, why=words["reason"], actor=self.caller, at=timezone.now())
        except FreezeSwitch.DoesNotExist:
            raise Http404 from None
        return Response(FreezeAnswer(switch, context={"request": self.request}).data)


def _named(model: Any, field: str, **name: str) -> Any:
    found = model.objects.filter(**name).first()
    if found is None:
        raise Refused(f"unknown_{field}", f"There is no such {field}.", field)
    return found
