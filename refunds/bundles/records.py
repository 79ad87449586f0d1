"""What the tables say of one request, as far as this viewer may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from config.kernel.people import User
from evidence.attachments import attachments_of
from evidence.messages import messages_of
from evidence.permissions import messages_visible_to
from policies.models import PolicyDecision
from refunds.models import OrderLine, RefundRequest
from refunds.models.operation import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model, QuerySet

    from evidence.models import Attachment
    from policies.models import PolicyVersion

Row = dict[str, Any]

LEFT_OUT: Final = frozenset({"original", "shown", "email", "line_set", "page", "panel"})
"""Where files lie with us, how to reach a customer, and what only our own pages need."""

SEES_POLICIES: Final = "policies.view_policyversion"
KEPT_FROM_THOSE_WITHOUT_POLICIES: Final = frozenset({"facts"})
"""What a policy looked at tells its limits, and what was known of the customer beyond this request."""


@dataclass(frozen=True, slots=True)
class Records:
    """Rows by what they are, the files and the policy versions behind them, and what was left out for this viewer."""

    rows: dict[str, list[Row]]
    files: list[Attachment]
    versions: list[PolicyVersion]
    withheld: list[str]

    def texts(self) -> set[str]:
        """Every text in it, and the empty one, which is often what was not said."""
        values = (value for rows in self.rows.values() for row in rows for value in row.values())
        return {value for value in values if isinstance(value, str)} | {""}

    def people(self, payloads: Iterable[Row]) -> list[Row]:
        """Name everybody whom rows or ledger entries know by a number."""
        numbers = {
            int(word.removeprefix("user:"))
            for payload in payloads
            for word in (payload["actor"], payload["acting_for"])
            if word is not None and word.startswith("user:")
        }
        for row in (row for rows in self.rows.values() for row in rows):
            numbers |= {value for name, value in row.items() if name in PEOPLE and value is not None}
        found = User.objects.filter(pk__in=numbers).order_by("pk")
        return [{"id": user.pk, "username": user.username, "name": user.get_full_name()} for user in found]


PEOPLE: Final = frozenset(
    {
        "requested_by_id",
        "reviewed_by_id",
        "approved_by_id",
        "declined_by_id",
        "decided_by_id",
        "acting_for_id",
        "added_by_id",
        "leased_by_id",
        "asked_of_id",
    }
)


def records_of(refund_request: RefundRequest, *, viewer: User) -> Records:
    """Read everything about a request; what the viewer has no right to is left out and named.

    Call it while the chain is held, so that rows and chain are of the same moment.
    """
    subject, withheld = refund_request.subject, []
    decisions = PolicyDecision.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    judged = list(decisions.select_related("version__policy").order_by("decided_at", "pk"))
    routes = ApprovalRoute.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    found: dict[str, Iterable[Model]] = {
        "request": [refund_request],
        "lines": refund_request.lines.order_by("pk"),
        "order": [] if refund_request.order is None else [refund_request.order],
        "order_lines": OrderLine.objects.filter(order=refund_request.order_id).order_by("pk"),
        "customer": [] if refund_request.customer is None else [refund_request.customer],
        "payment": [] if refund_request.payment is None else [refund_request.payment],
        "policy_decisions": judged,
        "routes": routes.order_by("opened_at", "pk"),
        "steps": ApprovalStep.objects.filter(route__in=routes).order_by("route", "level", "place", "pk"),
        "decisions": ApprovalDecision.objects.filter(route__in=routes).order_by("decided_at", "pk"),
        "operations": refund_request.operations.order_by("created_at", "pk"),
        "attempts": Attempt.objects.filter(operation__refund_request=refund_request).order_by("operation_id", "number"),
    }
    files: list[Attachment] = []
    if viewer.has_perm("evidence.view_attachment"):
        files = list(attachments_of(subject, viewer=viewer))
        found["attachments"] = files
    else:
        withheld.append("attachments")
    if viewer.has_perm("evidence.view_customermessage"):
        found["messages"] = _messages(refund_request, viewer)
    else:
        withheld.append("messages")
    rows = {name: [_row(each) for each in models] for name, models in found.items()}
    versions = list({decision.version_id: decision.version for decision in judged}.values())
    if not viewer.has_perm(SEES_POLICIES):
        withheld.append("policies")
        versions = []
        for row in rows["policy_decisions"]:
            for name in KEPT_FROM_THOSE_WITHOUT_POLICIES:
                del row[name]
    return Records(rows, files, versions, withheld)


def _messages(refund_request: RefundRequest, viewer: User) -> QuerySet[Any]:
    readable = messages_visible_to(viewer).values("pk")
    return messages_of(refund_request.subject).filter(pk__in=readable).order_by("written_at", "pk")


def _row(model: Model) -> Row:
    return {
        field.attname: field.value_from_object(model)
        for field in model._meta.concrete_fields  # noqa: SLF001 - Django's public door has this name
        if field.name not in LEFT_OUT
    }
