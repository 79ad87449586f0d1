"""What one person keeps of the queue for herself: views by name, and what she put off."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from config.kernel.ids import new_id

from .route import ApprovalRoute


class SavedView(models.Model):
    """A view of the queue under a name: the query of its address, without a place in the list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(name="one_view_per_name", fields=["user", "name"])]

    def __str__(self) -> str:
        return self.name


class Snooze(models.Model):
    """A route that one person does not want to see before a moment; its clock runs on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.CASCADE, related_name="snoozes")
    until_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_snooze_per_person_and_route", fields=["route", "user"])]

    def __str__(self) -> str:
        return f"{self.route_id} until {self.until_at:%H:%M}"
