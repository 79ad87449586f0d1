"""What was sold to whom: facts that shops send us, never edited here."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from config.kernel.people import Team


class Customer(models.Model):
    """Somebody who bought; known to us by the shop's own id."""

    channel = models.SlugField()
    external_id = models.CharField(max_length=80)
    name = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    country = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(
        max_length=35,
        blank=True,
        default="",
        db_default="",
        help_text="What the customer reads, as a BCP 47 tag such as de-AT.",
    )
    since = models.DateField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_customer_per_channel_id", fields=["channel", "external_id"])]
        indexes = [models.Index(name="customer_email", fields=["email"], condition=~Q(email=""))]

    def __str__(self) -> str:
        return self.name or self.external_id


class Order(models.Model):
    """An order of one channel, with the moment the goods arrived if the shop knows it."""

    channel = models.SlugField()
    external_id = models.CharField(max_length=80)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="orders")
    placed_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    shipping_minor = models.BigIntegerField(default=0)
    shipping_refunded_minor = models.BigIntegerField(default=0)
    shipping_reserved_minor = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the shop last changed it, where we asked the shop."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_order_per_channel_id", fields=["channel", "external_id"]),
            models.CheckConstraint(
                name="shipping_balance_holds",
                condition=Q(shipping_refunded_minor__gte=0)
                & Q(shipping_reserved_minor__gte=0)
                & Q(shipping_minor__gte=F("shipping_refunded_minor") + F("shipping_reserved_minor")),
            ),
        ]
        indexes = [
            models.Index(name="order_of_customer", fields=["customer", "placed_at"]),
            models.Index(Upper("external_id"), name="order_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.external_id}"


class OrderLine(models.Model):
    """One position: how many were sold for how much, how many are given back or spoken for."""

    # The unique constraint below begins with the order and serves as its index.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line = models.CharField(max_length=40)
    sku = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True, default="")
    category = models.CharField(max_length=60, blank=True, default="")
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    final_sale = models.BooleanField(default=False)
    refunded_quantity = models.PositiveIntegerField(default=0)
    reserved_quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_line_per_order_and_number", fields=["order", "line"]),
            models.CheckConstraint(
                name="line_quantity_holds",
                condition=Q(quantity__gte=F("refunded_quantity") + F("reserved_quantity")),
            ),
            models.CheckConstraint(name="unit_price_is_not_negative", condition=Q(unit_price_minor__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title or self.sku}"

    @property
    def refundable_quantity(self) -> int:
        """How many can still be given back."""
        return self.quantity - self.refunded_quantity - self.reserved_quantity

    @property
    def paid_minor(self) -> int:
        """What the whole position cost."""
        return self.quantity * self.unit_price_minor

    @property
    def refundable_minor(self) -> int:
        """What the rest of the position cost."""
        return self.refundable_quantity * self.unit_price_minor
