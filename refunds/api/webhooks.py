"""What was told to systems outside, and telling it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from config.kernel.bodies import ExactSerializer, PageQuery
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from refunds.outgoing.resending import RESEND, send_again
from refunds.outgoing.selectors import deliveries_of
from refunds.outgoing.vocabulary import TEST, Event, SendState

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    state = serializers.ChoiceField(choices=SendState.choices, required=False)
    event = serializers.ChoiceField(choices=[*Event.values, TEST], required=False)
    endpoint = serializers.UUIDField(required=False)


class NoBody(ExactSerializer):
    """Nothing needs to be said."""


class DeliveryAnswer(serializers.Serializer[Any]):
    """One message to one endpoint."""

    id = serializers.UUIDField()
    message_id = serializers.CharField(source="announcement.message_id", help_text="What `webhook-id` says.")
    event = serializers.CharField(source="announcement.event")
    team = serializers.CharField(source="announcement.team.slug", allow_null=True, default=None)
    endpoint = serializers.UUIDField(source="endpoint_id")
    host = serializers.CharField(source="endpoint.host")
    state = serializers.ChoiceField(choices=SendState.choices)
    attempt_count = serializers.IntegerField()
    last_outcome = serializers.CharField()
    last_status = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)


class NewestDeliveries(CursorPages):
    """Newest first."""

    ordering = ("-created_at", "-id")


class WebhookDeliveries(ApiView):
    """What was told."""

    asks = {"GET": "refunds.view_webhookdelivery"}

    @extend_schema(
        operation_id="list_webhook_deliveries",
        summary="List webhook deliveries",
        tags=["Webhooks"],
        parameters=[DeliveryQuery],
        responses=page_of(DeliveryAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        asked = self.query(DeliveryQuery)
        names = {"state": "state", "event": "announcement__event", "endpoint": "endpoint_id"}
        wanted = {column: asked[name] for name, column in names.items() if name in asked}
        return self.page(deliveries_of(self.caller).filter(**wanted), DeliveryAnswer, NewestDeliveries)


class Redeliver(ApiView):
    """Tell it again."""

    asks = {"POST": RESEND}

    @extend_schema(
        operation_id="redeliver_webhook",
        summary="Send a webhook again",
        description="Under the `webhook-id` it had. 409 while it waits to be sent, or its endpoint is disabled.",
        tags=["Webhooks"],
        request=None,
        responses=DeliveryAnswer,
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:  # noqa: ARG002
        """Send one message again."""
        self.read(NoBody)
        if not deliveries_of(self.caller).filter(pk=delivery_id).exists():
            raise Http404
        send_again(delivery_id=delivery_id, actor=self.caller, at=timezone.now())
        return Response(DeliveryAnswer(deliveries_of(self.caller).get(pk=delivery_id)).data)
