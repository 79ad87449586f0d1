"""What people read of an event in a chat or a mail: one sentence without names and amounts, and the page to open.

The page asks for a sign-in as always; nothing is decided by opening it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from .vocabulary import TEST, Event, Shape

if TYPE_CHECKING:
    from refunds.models import Announcement

OPEN = "Open it in Redress"
REFUND_REQUEST = "refund_request"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence and the address of a page."""

    sentence: str
    page: str


def notice_of(announcement: Announcement) -> Notice:
    """Say an event for people."""
    told: dict[str, Any] = json.loads(announcement.body)["data"]
    sentence, path = _said(announcement.event, told)
    return Notice(sentence, f"{settings.PORTAL_URL}{path}")


def body_of(shape: str, notice: Notice) -> str:
    """Write it as a chat reads it: a message of Slack, or a card of Teams."""
    if shape == Shape.SLACK:
        text = notice.sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return json.dumps({"text": f"{text} <{notice.page}|{OPEN}>", "unfurl_links": False})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": notice.sentence}]}],
        "actions": [{"type": "Action.OpenUrl", "title": OPEN, "url": notice.page}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]})


def _said(event: str, told: dict[str, Any]) -> tuple[str, str]:
    if event in {Event.REQUESTED, Event.DUE_SOON}:
        subject, role, due = told["subject"], told["role"], _moment(told["due_at"])
        is_request = subject["kind"] == REFUND_REQUEST
        page = reverse("refunds:request", args=[subject["reference"]]) if is_request else reverse("approvals:queue")
        waits = "waits for" if event == Event.REQUESTED else "still waits for"
        return f"{subject['reference']} {waits} the role {role}; promised by {due}.", page
    if event == Event.FAILED:
        page = reverse("refunds:request", args=[told["reference"]])
        return f"The refund of {told['reference']} failed.", page
    if event == Event.BREAK:
        kind = str(told["kind"]).replace("_", " ")
        return f"A break was opened: {kind}, account {told['account']}.", reverse("refunds:break", args=[told["id"]])
    if event == Event.IN_REVIEW:
        policy, page = told["policy"], reverse("admin:policies_policyversion_change", args=[told["id"]])
        return f"Version {policy['version']} of the policy {policy['slug']} waits for a second reader.", page
    if event == Event.STOPPED:
        return f"Nothing is sent to {told['gateway']}: {told['because']}.", reverse("refunds:processing")
    if event == TEST:
        return "This is a test. Nothing needs to be done.", "/"
    message = f"{event} has no words for people."
    raise LookupError(message)


def _moment(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{at.day} {at:%B, %H:%M} UTC"
