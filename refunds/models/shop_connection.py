"""Shops that tell us of their refunds, and how we ask them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject
from refunds.vocabulary import ShopKind

SHOP_CONNECTION = "shop_connection"


class ShopConnection(models.Model):
    """One shop: whose orders it holds, where it is asked, and what proves that a message is its own.

    Its messages come to an address with a token of its own; only the token's hash is kept. The secret signs them
    (Shopify: the app's client secret), and the old one still does until it ends. Both, and the token that we show the
    shop, are sealed. Adobe Commerce signs with a key of its own, whose public half is kept as it is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=ShopKind)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    channel = models.SlugField(unique=True, help_text="The channel its orders carry here.")
    domain = models.CharField(max_length=200, help_text="The shop's name in its messages: example.myshopify.com.")
    api_base = models.CharField(max_length=300, help_text="Where it is asked: https://example.myshopify.com.")
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    token_end = models.CharField(max_length=4, editable=False)
    secret_sealed = models.TextField(blank=True, default="", editable=False)
    old_secret_sealed = models.TextField(blank=True, default="", editable=False)
    old_secret_ends_at = models.DateTimeField(null=True, blank=True, editable=False)
    access_sealed = models.TextField(blank=True, default="", editable=False)
    public_key = models.TextField(blank=True, default="")
    is_active = models.BooleanField(default=True)
    takes_orders = models.BooleanField(
        "take its orders in",
        default=False,
        db_default=False,
        help_text="Orders are read from the shop. Leave it off while another system sends them for this channel.",
    )
    writes_back = models.BooleanField(
        "tell it of our refunds",
        default=False,
        db_default=False,
        help_text="Each refund of its orders is written into the shop; needs a token that may write orders.",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    last_delivery_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    last_failure = models.CharField(max_length=200, blank=True, default="", editable=False)
    next_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    polled_until = models.DateTimeField(null=True, blank=True, editable=False)
    orders_read_until = models.DateTimeField(null=True, blank=True, editable=False)
    resync_mark = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["channel"]
        constraints = [
            models.CheckConstraint(name="shop_kind_is_known", condition=Q(kind__in=ShopKind.values)),
            models.CheckConstraint(
                name="shopify_always_signs", condition=~Q(kind=ShopKind.SHOPIFY) | ~Q(secret_sealed="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.domain}"

    @property
    def subject(self) -> Subject:
        """The connection as the ledger knows it."""
        return Subject(SHOP_CONNECTION, self.pk)
