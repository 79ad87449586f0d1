"""The queue over the API: what waits for the caller, and holding it while one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.models import OuterRef, QuerySet, Subquery, UUIDField, Value
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from approvals.models import ApprovalRoute, ApprovalStep
from approvals.permissions import visible_to
from approvals.queue_view import QueueView
from approvals.selectors import waiting_routes
from approvals.services.leasing import lease_step, release_step
from approvals.vocabulary import StepState
from config.kernel.bodies import NoBody, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.refusals import OutOfDate
from config.kernel.rest import ApiView
from config.kernel.schema import page_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from rest_framework.request import Request

    from config.kernel.people import User


class ApprovalQuery(PageQuery):
    """Whose queue to list."""

    mine = serializers.BooleanField(required=False, help_text="Only what the caller may decide.")


class SubjectAnswer(serializers.Serializer[Any]):
    """What the signature is for."""

    kind = serializers.CharField(source="subject_kind")
    id = serializers.UUIDField(source="subject_id")


class ApprovalAnswer(serializers.Serializer[Any]):
    """One signature that is waited for; `id` is the step's, because a lease is on a step."""

    id = serializers.UUIDField(source="step_id")
    reference = serializers.CharField()
    subject = SubjectAnswer(source="*")
    title = serializers.CharField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    part_number = serializers.IntegerField(help_text="Which part of something larger this is; 1 for a whole.")
    together_minor = serializers.IntegerField(source="together.minor", help_text="What all parts ask for.")
    team = serializers.CharField(source="team.slug")
    level = serializers.IntegerField(source="current_level")
    role = serializers.CharField(source="step_role")
    due_at = serializers.DateTimeField()
    state = serializers.CharField()
    leased_by = serializers.SerializerMethodField()
    leased_until = serializers.SerializerMethodField()
    requested_by = serializers.CharField(source="requested_by.username")
    page = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_leased_by(self, route: Any) -> str | None:
        """Name who looks at it now."""
        return str(route.lease_holder) if self._is_leased(route) else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_leased_until(self, route: Any) -> datetime | None:
        """Say until when."""
        return cast("datetime", route.leased_until) if self._is_leased(route) else None

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, route: Any) -> str:
        """Say where people decide on it."""
        return str(self.context["request"].build_absolute_uri(route.page))

    def _is_leased(self, route: Any) -> bool:
        return route.lease_holder is not None and route.leased_until is not None and route.leased_until > timezone.now()


class OldestPromise(CursorPages):
    """Oldest promise first."""

    ordering = ("due_at", "id")


class Approvals(ApiView):
    """What waits."""

    asks = {"GET": "approvals.view_approvalroute"}

    @extend_schema(
        operation_id="list_approvals",
        summary="List what waits for a signature, oldest promise first",
        tags=["Approvals"],
        parameters=[ApprovalQuery],
        responses=page_of(ApprovalAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page; `mine=true` lists only what the caller may decide."""
        is_mine = self.query(ApprovalQuery).get("mine", False)
        return self.page(_rows(self.caller, "mine" if is_mine else "all"), ApprovalAnswer, OldestPromise)


class LeaseView(ApiView):
    """An address below one step."""

    asks = {"POST": "approvals.decide_approvalstep"}

    def route_of(self, step_id: UUID) -> ApprovalRoute:
        """Find the route of a step.

        :raises Http404: for whoever may not see it
        """
        found = visible_to(self.caller).filter(steps=step_id).first()
        if found is None:
            raise Http404
        return found

    def answer(self, route: ApprovalRoute, step_id: UUID) -> Response:
        """Answer the row of the step as it is now.

        :raises OutOfDate: when it no longer waits
        """
        row = _rows(self.caller, "all", step_id=step_id).filter(pk=route.pk).first()
        if row is None:
            raise OutOfDate("already_decided", "This request no longer waits for a decision.")
        return Response(ApprovalAnswer(row, context={"request": self.request}).data)


class Lease(LeaseView):
    """Hold a step while one looks at it."""

    @extend_schema(
        operation_id="lease_approval",
        summary="Hold it for a quarter of an hour",
        tags=["Approvals"],
        request=None,
        responses=ApprovalAnswer,
    )
    def post(self, request: Request, step_id: UUID) -> Response:  # noqa: ARG002
        """Hold it, or hold it longer."""
        route = self.route_of(step_id)
        self.read(NoBody)
        if not ApprovalStep.objects.filter(pk=step_id, state=StepState.OPEN).exists():
            raise OutOfDate("already_decided", "This step no longer waits for a decision.")
        lease_step(route=route, actor=self.caller, at=timezone.now(), step_id=step_id)
        return self.answer(route, step_id)


class Release(LeaseView):
    """Give a held step back."""

    @extend_schema(
        operation_id="release_approval",
        summary="Give it back",
        tags=["Approvals"],
        request=None,
        responses=ApprovalAnswer,
    )
    def post(self, request: Request, step_id: UUID) -> Response:  # noqa: ARG002
        """Give it back; holding nothing is fine."""
        route = self.route_of(step_id)
        self.read(NoBody)
        release_step(route=route, actor=self.caller, step_id=step_id)
        return self.answer(route, step_id)


def _rows(viewer: User, tab: str, *, step_id: UUID | None = None) -> QuerySet[ApprovalRoute]:
    """Select open routes with the step the caller would sign, or the named one, and who holds it."""
    rows = waiting_routes(viewer, QueueView(tab=tab), at=timezone.now())
    if step_id is not None:
        rows = rows.annotate(
            step_id=Value(step_id, output_field=UUIDField()),
            leased_until=Subquery(ApprovalStep.objects.filter(pk=step_id).values("leased_until")[:1]),
        )
    step = ApprovalStep.objects.filter(pk=OuterRef("step_id"))
    return rows.annotate(
        lease_holder=Subquery(step.values("leased_by__username")[:1]), step_role=Subquery(step.values("role")[:1])
    )
