"""From rows to facts: one for each submitted request and for each refund that was made elsewhere."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING, Any, cast

from analytics.models import STEPS, Origin, OutflowFact
from approvals.vocabulary import Category
from policies import judging
from policies.engine.matrix import threshold_outcome
from policies.engine.words import Rule
from policies.models.action import ACTION
from policies.vocabulary import LegalBasis, Outcome
from refunds.models.refund_request import KIND as REQUEST
from refunds.vocabulary import OperationState, State

from .leaking import Leaked, Outflow, split
from .sources import has_failed_late

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from policies.models import GovernedAction, PolicyDecision
    from refunds.models import Operation, RefundRequest

    from .sources import Sources

SETTLED = (State.REFUNDED, State.RECONCILED)
NO_DECISION = (State.WITHDRAWN, State.EXPIRED)
BANDS = {Outcome.ALLOW: "automatic", Outcome.REQUIRE_APPROVAL: "approval", Outcome.BLOCK: "above"}
"""Which band of the policy's thresholds an amount is in."""


def facts_from(sources: Sources, order_ids: set[int]) -> Iterator[OutflowFact]:
    """Count the facts of these orders, and of the requests and actions in `sources` that are of none."""
    for order_id in sorted(order_ids):
        leaked = _leaked_of(sources, order_id)
        for request in sources.requests.get(order_id, ()):
            yield from _of_request(request, sources, leaked)
        for action, minor in sources.elsewhere.get(order_id, ()):
            yield _of_action(action, minor, sources, order_id, leaked[action.pk])
    for request in sources.requests.get(None, ()):
        yield from _of_request(request, sources, defaultdict(Leaked, _leaked_of_goodwill(request, sources)))
    for action, minor in sources.elsewhere.get(None, ()):
        [one] = split([_as_outflow(action, minor)], captured_minor=None, lost_minor=0).values()
        yield _of_action(action, minor, sources, None, one)


def _leaked_of(sources: Sources, order_id: int) -> dict[Any, Leaked]:
    """Split what left of one order, each currency by itself."""
    captured: dict[str, int] = defaultdict(int)
    for payment in sources.payments.get(order_id, ()):
        captured[payment.currency] += payment.captured_minor
    outflows: dict[str, list[Outflow]] = defaultdict(list)
    for request in sources.requests.get(order_id, ()):
        if _is_settled(request) and not request.is_goodwill:
            outflows[request.currency] += _outflows_of(request, sources)
    for action, minor in sources.elsewhere.get(order_id, ()):
        outflows[action.currency].append(_as_outflow(action, minor))
    found: dict[Any, Leaked] = defaultdict(Leaked)
    for currency, several in outflows.items():
        lost_minor = sources.lost_minor.get((order_id, currency), 0)
        found.update(split(several, captured_minor=captured.get(currency), lost_minor=lost_minor))
    for request in sources.requests.get(order_id, ()):
        if request.is_goodwill:
            found.update(_leaked_of_goodwill(request, sources))
    return found


def _leaked_of_goodwill(request: RefundRequest, sources: Sources) -> Mapping[object, Leaked]:
    """Split a goodwill credit by itself: it takes nothing from what the customer paid."""
    outflows = _outflows_of(request, sources) if _is_settled(request) else []
    return split(outflows, captured_minor=None, lost_minor=0)


def _is_settled(request: RefundRequest) -> bool:
    return request.state in SETTLED and request.approved_minor is not None and request.refunded_at is not None


def _outflows_of(request: RefundRequest, sources: Sources) -> list[Outflow]:
    main = Outflow(
        key=request.pk,
        left_at=cast("datetime", request.refunded_at),
        minor=request.amount_minor,
        allowed_minor=_allowed(request),
        is_governed=True,
        is_goodwill=request.category == Category.GOODWILL_CREDIT or request.legal_basis == LegalBasis.GOODWILL,
    )
    again = [
        Outflow(
            key=operation.pk,
            left_at=operation.created_at,
            minor=operation.amount_minor,
            allowed_minor=0,
            is_governed=True,
            is_repeat=True,
        )
        for operation in _repeated(request.pk, sources)
    ]
    return [main, *again]


def _repeated(request_id: UUID, sources: Sources) -> list[Operation]:
    """List instructions that the processor had refused and shows all the same, beside the one that paid."""
    of_request = sources.operations.get(request_id, ())
    return [one for one in of_request if one.state == OperationState.REJECTED and one.external_id]


def _allowed(request: RefundRequest) -> int:
    return request.decision.allowed_minor if request.decision is not None else 0


def _as_outflow(action: GovernedAction, minor: int) -> Outflow:
    decision = action.decision
    allowed_minor = minor if decision is None else decision.allowed_minor
    if action.is_ungoverned and (decision is None or decision.outcome != Outcome.ALLOW):
        # What people would have had to sign, nobody signed.
        allowed_minor = 0
    return Outflow(
        key=action.pk,
        left_at=cast("datetime", action.occurred_at),
        minor=minor,
        allowed_minor=allowed_minor,
        is_governed=not action.is_ungoverned,
        is_goodwill=action.category == Category.GOODWILL_CREDIT,
    )


def _of_request(request: RefundRequest, sources: Sources, leaked: dict[Any, Leaked]) -> Iterator[OutflowFact]:
    # Only submitted ones are read.
    submitted_at = cast("datetime", request.submitted_at)
    split_up, again = leaked[request.pk], 0
    is_settled = _is_settled(request)
    if is_settled:
        again = sum(one.amount_minor for one in _repeated(request.pk, sources))
    late = [one for one in sources.operations.get(request.pk, ()) if has_failed_late(one)]
    left_at = request.refunded_at or max((one.succeeded_at for one in late if one.succeeded_at), default=None)
    fees = dict(sources.fees.get(request.pk, {}))
    same = {
        "subject_kind": REQUEST,
        "subject_id": request.pk,
        "order_id": request.order_id,
        "channel": _channel_of(request),
        "team_id": request.team_id,
        "category": request.category,
        "state": str(request.state),
        "reason": request.reason_id or "",
        "code": request.exception_code,
        "approver_id": request.approved_by_id,
        "sale_on": _day(request.payment.captured_at if request.payment is not None else submitted_at),
        "submitted_on": _day(submitted_at),
        "decided_on": None if request.state in NO_DECISION else _day_or_none(request.decided_at),
        "refunded_on": _day_or_none(left_at),
        **_judged(request.decision),
    }
    main = _empty(currency=request.currency, is_main=True, **same)
    main.asked_minor = request.requested_minor
    main.allowed_minor = _allowed(request)
    main.refunded_minor = request.amount_minor + again if is_settled else 0
    main.origin = Origin.ASKED if main.refunded_minor else Origin.NOTHING
    main.override_minor = split_up.override_minor
    main.over_minor = split_up.over_minor + again
    main.double_loss_minor = split_up.double_loss_minor
    main.goodwill_minor = split_up.goodwill_minor
    main.failed_late_minor = sum(one.amount_minor for one in late)
    main.late_failure_minor = sum(one.amount_minor for one in late if str(one.pk) not in sources.returned)
    main.fees_minor = fees.pop(request.currency, 0)
    _add_life(main, request, sources)
    yield main
    for currency, minor in sorted(fees.items()):
        beside = _empty(currency=currency, is_main=False, **same)
        beside.fees_minor = minor
        yield beside


def _channel_of(request: RefundRequest) -> str:
    bought = request.order or request.customer
    return bought.channel if bought is not None else ""


def _add_life(main: OutflowFact, request: RefundRequest, sources: Sources) -> None:
    life = sources.lives.get(request.pk)
    signatures = sources.signatures.get(request.pk, ())
    main.due_step_count, main.late_step_count = len(signatures), sum(one.is_late for one in signatures)
    was_signed = request.approved_by_id is not None
    is_decided = main.decided_on is not None
    was_seen = was_signed or request.declined_by_id is not None or request.reviewed_by_id is not None
    main.is_reviewed = is_decided and was_seen
    main.is_touch_free = is_decided and not was_seen and request.approved_minor is not None
    is_asked_for = request.approved_minor == request.requested_minor and not request.exception_code
    main.is_unchanged = main.is_reviewed and was_signed and is_asked_for and not (life and life.was_asked)
    if life is None or not is_decided:
        return
    main.decide_seconds, main.pay_seconds = life.decided_seconds, life.paid_seconds
    main.decide_working_seconds, main.pay_working_seconds = life.decided_working_seconds, life.paid_working_seconds
    for step in STEPS:
        setattr(main, f"{step}_seconds", life.seconds.get(step))


def _of_action(
    action: GovernedAction, minor: int, sources: Sources, order_id: int | None, leaked: Leaked
) -> OutflowFact:
    left_at = cast("datetime", action.occurred_at)
    paid_at = min((one.captured_at for one in sources.payments.get(order_id or 0, ())), default=left_at)
    fact = _empty(
        subject_kind=ACTION,
        subject_id=action.pk,
        currency=action.currency,
        is_main=True,
        order_id=order_id,
        channel=action.gateway,
        team_id=action.team_id,
        category=action.category,
        state=str(action.state),
        reason=action.reason,
        code="",
        approver_id=action.approved_by_id,
        sale_on=_day(paid_at),
        submitted_on=_day(left_at),
        decided_on=None,
        refunded_on=_day(left_at),
        **_judged(action.decision),
    )
    fact.asked_minor = action.amount_minor
    fact.allowed_minor = min(_as_outflow(action, minor).allowed_minor, minor)
    fact.refunded_minor = minor
    fact.origin = Origin.UNGOVERNED if action.is_ungoverned else Origin.ASKED
    fact.override_minor = leaked.override_minor
    fact.ungoverned_minor = leaked.ungoverned_minor
    fact.over_minor = leaked.over_minor
    fact.double_loss_minor = leaked.double_loss_minor
    fact.goodwill_minor = leaked.goodwill_minor
    return fact


def _judged(decision: PolicyDecision | None) -> dict[str, Any]:
    if decision is None:
        words = {"outcome": "", "band": "", "product": "", "version_id": None}
        return {**words, "is_by_amount": False, "is_evidence_asked": False, "is_evidence_held": False}
    document = judging.document_of(decision.version)
    band = ""
    if document.threshold_for(decision.category, decision.currency) is not None:
        within = threshold_outcome(document, decision.category, decision.currency, decision.amount_minor)
        band = BANDS[Outcome(within)]
    failed = {str(finding["rule"]).partition(".")[0] for finding in decision.failed}
    proofs = [finding["passed"] for finding in decision.findings if finding["rule"] == Rule.EVIDENCE]
    return {
        "outcome": decision.outcome,
        "band": band,
        "product": _product(decision.facts.get("lines", ())),
        "version_id": decision.version_id,
        "is_by_amount": decision.outcome == Outcome.REQUIRE_APPROVAL and failed == {str(Rule.THRESHOLDS)},
        "is_evidence_asked": bool(proofs),
        "is_evidence_held": bool(proofs) and all(proofs),
    }


def _product(lines: list[dict[str, Any]]) -> str:
    """Name the category of goods that most of the money is about; the first by name where two have as much."""
    minor: dict[str, int] = defaultdict(int)
    for line in lines:
        minor[line["product_category"]] += line["amount_minor"]
    return min(minor, key=lambda name: (-minor[name], name), default="")


def _empty(**known: Any) -> OutflowFact:
    return OutflowFact(**{**_NOTHING, **known})


_NOTHING: dict[str, Any] = {
    "asked_minor": 0,
    "allowed_minor": 0,
    "refunded_minor": 0,
    "override_minor": 0,
    "ungoverned_minor": 0,
    "over_minor": 0,
    "double_loss_minor": 0,
    "late_failure_minor": 0,
    "fees_minor": 0,
    "goodwill_minor": 0,
    "failed_late_minor": 0,
    "origin": Origin.NOTHING,
    "due_step_count": 0,
    "late_step_count": 0,
    "is_touch_free": False,
    "is_reviewed": False,
    "is_unchanged": False,
}


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _day_or_none(moment: datetime | None) -> date | None:
    return None if moment is None else _day(moment)
