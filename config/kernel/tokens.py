"""Bearer tokens: hashed at rest, with scopes, expiry and the time of last use."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox carries no types
    """A token of a person or a service account; its secret is shown once."""

    name = models.CharField(max_length=80, blank=True, default="", db_default="", help_text="Where it is used.")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scopes = models.JSONField(default=list, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    step_up_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then its person counts as having just shown who she is."
    )

    class Meta:
        swappable = "KNOX_TOKEN_MODEL"

    def __str__(self) -> str:
        return f"{self.token_key} of {self.user}"
