"""Orders as they are sent and as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from config.kernel.bodies import CountField, ExactSerializer, FlagField, MinorField, MomentField, WordField
from refunds.orders.checking import LONGEST_ID, MOST_LINES
from refunds.orders.sold import CustomerFacts, LineFacts, OrderFacts, PaymentFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME = 120
MOST_PAYMENTS = 100


class CustomerBody(ExactSerializer):
    """Somebody who bought, under the shop's own id."""

    external_id = WordField(max_length=LONGEST_ID)
    name = WordField(max_length=LONGEST_NAME, required=False, allow_blank=True, default="")
    email = WordField(max_length=254, required=False, allow_blank=True, default="")
    country = WordField(max_length=60, required=False, allow_blank=True, default="")
    language = WordField(max_length=35, required=False, allow_blank=True, default="")
    since = serializers.DateField(required=False, allow_null=True, default=None)


class LineBody(ExactSerializer):
    """One position of an order."""

    line = WordField(max_length=40)
    sku = WordField(max_length=LONGEST_ID)
    title = WordField(max_length=200, required=False, allow_blank=True, default="")
    category = WordField(max_length=60, required=False, allow_blank=True, default="")
    quantity = CountField(min_value=1)
    unit_price_minor = MinorField(min_value=0)
    final_sale = FlagField(required=False, default=False)


class PaymentBody(ExactSerializer):
    """A captured charge under the processor's own id."""

    gateway = WordField(max_length=40)
    external_id = WordField(max_length=LONGEST_NAME)
    captured_minor = MinorField(min_value=1)
    currency = WordField(max_length=3)
    captured_at = MomentField()
    method = WordField(max_length=40, required=False, allow_blank=True, default="")
    last4 = WordField(max_length=4, required=False, allow_blank=True, default="")
    destination_charge = FlagField(
        source="is_destination_charge",
        required=False,
        default=False,
        help_text="A share of it went on to a connected account; a refund must say who bears it.",
    )


class OrderBody(ExactSerializer):
    """An order as a shop tells it."""

    channel = serializers.SlugField(max_length=50)
    external_id = WordField(max_length=LONGEST_ID)
    team = WordField(max_length=50)
    placed_at = MomentField()
    delivered_at = MomentField(required=False, allow_null=True, default=None)
    customer = CustomerBody(required=False, allow_null=True, default=None)
    lines = LineBody(many=True, max_length=MOST_LINES)  # type: ignore[call-arg]  # read by the list around it
    shipping_minor = MinorField(min_value=0, required=False, default=0)
    payments = PaymentBody(  # type: ignore[call-arg]  # as above
        many=True, required=False, default=list, max_length=MOST_PAYMENTS
    )


def order_facts(body: Mapping[str, Any]) -> OrderFacts:
    """Put a checked body in the words of the command."""
    customer = body["customer"]
    return OrderFacts(
        channel=body["channel"],
        external_id=body["external_id"],
        team=body["team"],
        placed_at=body["placed_at"],
        delivered_at=body["delivered_at"],
        customer=None if customer is None else CustomerFacts(**customer),
        lines=[LineFacts(**line) for line in body["lines"]],
        shipping_minor=body["shipping_minor"],
        payments=[PaymentFacts(**payment) for payment in body["payments"]],
    )


class CustomerAnswer(serializers.Serializer[Any]):
    """Somebody who bought."""

    external_id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    since = serializers.DateField(allow_null=True)


class LineAnswer(serializers.Serializer[Any]):
    """One position, with what came back and what still may."""

    line = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price_minor = serializers.IntegerField()
    final_sale = serializers.BooleanField()
    refunded_quantity = serializers.IntegerField()
    reserved_quantity = serializers.IntegerField()
    refundable_quantity = serializers.IntegerField()
    refundable_minor = serializers.IntegerField()


class PaymentAnswer(serializers.Serializer[Any]):
    """A captured charge and its balance."""

    gateway = serializers.CharField()
    external_id = serializers.CharField()
    captured_minor = serializers.IntegerField()
    currency = serializers.CharField()
    captured_at = serializers.DateTimeField()
    method = serializers.CharField()
    last4 = serializers.CharField()
    destination_charge = serializers.BooleanField(source="is_destination_charge")
    refunded_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField()
    elsewhere_minor = serializers.IntegerField(help_text="Given back at the processor or in the shop, without us.")
    refundable_minor = serializers.IntegerField()


class OrderAnswer(serializers.Serializer[Any]):
    """An order with what was, is and may be given back."""

    channel = serializers.CharField()
    external_id = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    currency = serializers.CharField()
    placed_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    customer = CustomerAnswer(allow_null=True)
    lines = LineAnswer(many=True)
    shipping_minor = serializers.IntegerField()
    shipping_refunded_minor = serializers.IntegerField()
    shipping_reserved_minor = serializers.IntegerField()
    payments = PaymentAnswer(many=True)
