"""What somebody wanted to do and was not let."""

from __future__ import annotations

from django.db import models

from config.kernel.people import User

from .append_only import refuse_change, refuse_truncate


class RefusedAction(models.Model):
    """One no to one verb: who spoke it, where, about what, and the code of the no.

    The sentence is not kept: it may repeat what somebody typed.
    """

    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    about = models.CharField(max_length=80, blank=True, default="")
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    request_id = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="refusals_newest"),
            models.Index(fields=["actor", "-at", "-id"], name="refusals_of_actor"),
        ]
        triggers = [refuse_change("list of refusals"), refuse_truncate("list of refusals")]

    def __str__(self) -> str:
        return f"{self.action} was refused: {self.code}"
