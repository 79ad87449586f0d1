"""One captured payment as the dashboards count it."""

from __future__ import annotations

from django.db import models

from config.kernel.people import Team


class CaptureFact(models.Model):
    """What a payment brought in, on the day (UTC) the customer paid.

    Derived from the payment and its order, and never a source: it can be thrown away and counted anew.
    """

    payment_id = models.BigIntegerField(primary_key=True)
    order_id = models.BigIntegerField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    on = models.DateField()
    captured_minor = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(name="capture_of_order", fields=["order_id"]),
            models.Index(name="capture_of_day", fields=["team", "-on", "-payment_id"]),
        ]

    def __str__(self) -> str:
        return f"payment {self.payment_id}"
