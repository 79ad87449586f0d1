"""What browsers say our content security policy stopped: a page of ours that needs mending, or somebody's script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F

if TYPE_CHECKING:
    from datetime import datetime

MOST_KEPT: Final = 500
LONGEST: Final = 200


class BrowserReport(models.Model):
    """One thing that was stopped on one page, and how often; neither queries nor people are kept."""

    directive = models.CharField(max_length=80)
    blocked = models.CharField(max_length=LONGEST)
    path = models.CharField(max_length=LONGEST)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["directive", "blocked", "path"], name="one_report_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.directive} on {self.path}"


def keep_report(body: bytes, *, at: datetime) -> BrowserReport | None:
    """Count a report; None for what is none, and for a new kind once too many are kept.

    Reads what `report-uri` sends (`{"csp-report": {...}}`). The page and what was stopped lose all but host and path.
    """
    told = _read(body)
    if told is None:
        return None
    words = {
        "directive": str(told.get("effective-directive") or told.get("violated-directive") or "")[:80],
        "blocked": _without_query(told.get("blocked-uri")),
        "path": urlsplit(_without_query(told.get("document-uri"))).path[:LONGEST],
    }
    known = BrowserReport.objects.filter(**words)
    if known.update(count=F("count") + 1, last_at=at):
        return known.get()
    if not words["directive"] or BrowserReport.objects.count() >= MOST_KEPT:
        return None
    found, _ = BrowserReport.objects.get_or_create(**words, defaults={"first_at": at, "last_at": at})
    return found


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    report = told.get("csp-report") if isinstance(told, dict) else None
    return report if isinstance(report, dict) else None


def _without_query(address: object) -> str:
    if not isinstance(address, str) or "\x00" in address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not parts.netloc:
        return f"{parts.scheme}:{parts.path}"[:LONGEST] if parts.scheme else parts.path[:LONGEST]
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:LONGEST]
