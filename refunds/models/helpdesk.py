"""Helpdesks whose tickets our requests answer, and which ticket belongs to which request."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from config.kernel.ids import new_id
from config.kernel.people import Team
from config.kernel.subjects import Subject

from .refund_request import RefundRequest

HELPDESK = "helpdesk"
"""What the ledger calls it."""

PLACE = "{ticket}"
"""Where a ticket's number stands in the address of its page."""

TICKET_IDS = RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,79}\Z", "A ticket's id has letters, digits, . _ and -.")


class Helpdesk(models.Model):
    """A system outside in which colleagues talk to customers: Zendesk, Gorgias, a CRM, a mailbox with numbers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=30, unique=True, help_text="Its name in addresses and over the API, for good.")
    title = models.CharField(max_length=60, help_text="As people call it.")
    address = models.CharField(
        max_length=300,
        blank=True,
        default="",
        help_text="Where a ticket is looked at: https://example.zendesk.com/agent/tickets/{ticket}.",
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: all teams use it."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """The helpdesk as the ledger knows it."""
        return Subject(HELPDESK, self.pk)

    def page_of(self, ticket_id: str) -> str:
        """Say where a ticket is looked at; empty where nobody told."""
        return self.address.replace(PLACE, quote(ticket_id, safe="")) if self.address else ""


class TicketLink(models.Model):
    """A ticket that a request answers; one ticket may have several requests, and one request several tickets."""

    refund_request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="tickets")
    helpdesk = models.ForeignKey(Helpdesk, on_delete=models.PROTECT, related_name="+")
    ticket_id = models.CharField(max_length=80, validators=[TICKET_IDS])
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        permissions = []
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_link_per_ticket", fields=["refund_request", "helpdesk", "ticket_id"]),
        ]
        indexes = [models.Index(name="requests_of_a_ticket", fields=["helpdesk", "ticket_id"])]

    def __str__(self) -> str:
        return f"{self.helpdesk_id}:{self.ticket_id}"

    @property
    def page(self) -> str:
        """Where the ticket is looked at; empty where nobody told."""
        return self.helpdesk.page_of(self.ticket_id)
