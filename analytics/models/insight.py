"""The right to see numbers over many requests; it has no table."""

from __future__ import annotations

from django.db import models


class Insight(models.Model):
    """The right to see numbers over many requests, and to see who is behind them."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_insight", "Can see insight"),
            ("recount_insight", "Can have insight counted anew"),
            ("view_people_insight", "Can see who is behind a pattern"),
        ]

    def __str__(self) -> str:
        return "insight"
