"""What stands around every page: the way to other pages, the policy's mode, the demo's people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from analytics.remediation.selectors import waits_for as waits_to_close
from approvals.freezing import sentence_of
from approvals.lending import loans_of, offers_to
from approvals.notices import unread_count
from approvals.selectors import COUNT_UP_TO, waiting_count
from approvals.standing_freezes import freezes_over
from config.kernel.sessions import IDLE
from config.kernel.wording import said
from config.preferences import preferences_of
from evidence.selectors import waits_for
from policies.actions.selectors import unexplained_count
from policies.selectors import emergencies_to_review
from refunds.breaks.selectors import proposals_for
from refunds.selectors import exceptions_waiting_count

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from config.kernel.people import User


@dataclass(frozen=True, slots=True)
class Entry:
    """One way: shown only to people who hold its permission."""

    label: str
    address: str
    icon: str
    permission: str
    chord: str = ""
    count: Callable[[User, datetime], int] | None = None


def _signatures(user: User, at: datetime) -> int:
    return waiting_count(user, at=at)


def _offers(user: User, at: datetime) -> int:
    return len(offers_to(user, at=at))


def _exceptions(user: User, _at: datetime) -> int:
    return exceptions_waiting_count(user)


def _unexplained(user: User, _at: datetime) -> int:
    return unexplained_count(user)


def _proposals(user: User, _at: datetime) -> int:
    return proposals_for(user)


def _messages(user: User, _at: datetime) -> int:
    return waits_for(user)


def _closings(user: User, _at: datetime) -> int:
    return waits_to_close(user) if user.has_perm("analytics.confirm_remediationitem") else 0


GROUPS: dict[str, tuple[Entry, ...]] = {
    said("Work"): (
        Entry(said("Today"), "home", "home", "", "h"),
        Entry(said("New request"), "refunds:intake", "plus", "refunds.submit_refundrequest", "n"),
        Entry(said("Requests"), "refunds:requests", "list", "refunds.view_refundrequest", "r"),
        Entry(said("Approval queue"), "approvals:queue", "checklist", "approvals.view_approvalroute", "q", _signatures),
        Entry(
            said("Exceptions"),
            "refunds:exceptions",
            "alert-triangle",
            "refunds.review_refundrequest",
            "e",
            _exceptions,
        ),
        Entry(said("Delegation"), "approvals:delegations", "users", "approvals.view_delegation", "d", _offers),
    ),
    said("Money"): (
        Entry(said("Processing"), "refunds:processing", "send", "refunds.view_operation", "p"),
        Entry(said("Payment files"), "refunds:payment_files", "file-upload", "refunds.view_paymentfile"),
        Entry(said("Reconciliation"), "refunds:reconciliation", "scale", "refunds.view_statement", "b"),
        Entry(said("Breaks"), "refunds:breaks", "alert-circle", "refunds.view_break", "k", _proposals),
        Entry(said("Books"), "refunds:books", "book-2", "refunds.view_journalentry", "j"),
        Entry(
            said("Governed actions"),
            "policies:actions",
            "shield-check",
            "policies.view_governedaction",
            "v",
            _unexplained,
        ),
        Entry(said("Freezes"), "approvals:freezes", "player-pause", "approvals.view_freezeswitch", "f"),
        Entry(said("Dead ends"), "policies:dead_ends", "alert-triangle", "approvals.view_deadend"),
        Entry(said("Messages"), "evidence:outbox", "mail", "evidence.view_customermessage", "o", _messages),
    ),
    said("Insight"): (
        Entry(said("Dashboard"), "analytics:dashboard", "chart-bar", "analytics.view_insight", "l"),
        Entry(said("Patterns"), "analytics:patterns", "search", "analytics.view_insight"),
        Entry(said("Leakage"), "analytics:leakage", "alert-triangle", "analytics.view_insight"),
        Entry(said("Scorecards"), "analytics:scorecards", "calendar", "analytics.view_insight"),
        Entry(said("Codes"), "analytics:codes", "book-2", "policies.view_exceptioncode", "c"),
        Entry(
            said("Remediation"),
            "analytics:remediation",
            "checklist",
            "analytics.view_remediationitem",
            "y",
            _closings,
        ),
        Entry(said("Samples"), "analytics:samples", "list", "analytics.view_sample", "s"),
        Entry(said("Evidence map"), "refunds:evidence_map", "checklist", "evidence.view_evidencerequirement"),
        Entry(said("Ledger"), "evidence:ledger", "lock", "evidence.view_checkpoint"),
        Entry(said("Erasures"), "refunds:erasures", "user", "refunds.view_erasure"),
        Entry(said("Bundles"), "refunds:bundles", "download", "evidence.view_population"),
        Entry(said("Status"), "status", "eye", "kernel.view_status"),
        Entry(said("Sign-ins"), "sign_ins", "user", "kernel.view_signinevent"),
        Entry(said("Authority"), "approvals:authority", "shield-check", "approvals.view_authoritylimit", "a"),
    ),
    said("Setup"): (Entry(said("Policies and people"), "admin:index", "settings", "policies.view_policy", "m"),),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Offer the frame of a page; lazily, so that a fragment asks nothing for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {}
    return {
        "navigation": _Lazily(lambda: _groups(request, user)),
        "loans": _Lazily(lambda: loans_of(user, at=timezone.now())),
        "emergencies": _Lazily(lambda: emergencies_to_review(user, timezone.now())),
        "freezes": _Lazily(lambda: [{"sentence": sentence_of(switch)} for switch in freezes_over(user)]),
        "preferences": SimpleLazyObject(lambda: preferences_of(user)),
        "unread": SimpleLazyObject(lambda: unread_count(user)),
        "idle_seconds": int(IDLE.total_seconds()),
    }


class _Lazily:
    """A list that is made when a template first looks at it."""

    def __init__(self, make: Callable[[], list[Any]]) -> None:
        self._make = make
        self._made: list[Any] | None = None

    def __iter__(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return iter(self._made)


def counters_of(user: User, at: datetime) -> dict[str, str]:
    """Say what the counters of the navigation show, by the letter of their way; empty where nothing waits."""
    return {
        entry.chord: _counted(entry.count(user, at))
        for entries in ways_open_to(user).values()
        for entry in entries
        if entry.count is not None
    }


def ways_open_to(user: User) -> dict[str, list[Entry]]:
    """Name the pages this person may open, by group."""
    return {
        label: [entry for entry in entries if not entry.permission or user.has_perm(entry.permission)]
        for label, entries in GROUPS.items()
        if label != "Setup" or user.is_staff
    }


def _counted(count: int) -> str:
    return f"{COUNT_UP_TO}+" if count >= COUNT_UP_TO else str(count or "")


def _groups(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for label, shown in ways_open_to(user).items():
        if shown:
            groups.append({"label": label, "items": [_item(request, user, entry) for entry in shown]})
    _keep_the_nearest([item for group in groups for item in group["items"]])
    return groups


def _keep_the_nearest(items: list[dict[str, Any]]) -> None:
    """Mark one way as where we are: a page below another belongs to the nearer of the two."""
    here = max((item["url"] for item in items if item["current"]), key=len, default="")
    for item in items:
        item["current"] = item["url"] == here


def _item(request: HttpRequest, user: User, entry: Entry) -> dict[str, Any]:
    url = reverse(entry.address)
    count = entry.count(user, timezone.now()) if entry.count is not None else 0
    return {
        "label": entry.label,
        "url": url,
        "icon": entry.icon,
        "chord": entry.chord,
        "is_counted": entry.count is not None,
        "count": _counted(count),
        "current": request.path == url or (url != "/" and request.path.startswith(url)),
    }
