"""Approve many alike requests in one go: each is checked anew, decided by itself and has its own record.

Only what nobody needs to look at twice: in policy, of low risk, fully proved, within the authority of whoever signs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from approvals.authority import limit_for, signed_today
from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep
from approvals.permissions import visible_to as routes_visible_to
from approvals.permissions import why_not_decide, within_authority
from approvals.rationale import check_rationale
from approvals.stepping_up import check_stepped_up
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import inside, joined, said
from policies.vocabulary import Outcome

from . import judgement, workflow
from .evidence_map.gates import missing_next
from .models import RefundRequest
from .models.refund_request import KIND
from .permissions import visible_to
from .vocabulary import BulkReason, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from evidence.map import Missing

logger = structlog.get_logger(__name__)

MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One selected request, and in a sentence why it cannot be approved with the others; empty when it can."""

    route: ApprovalRoute
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What somebody selected, in the order she did."""

    candidates: tuple[Candidate, ...]
    strange_count: int
    problem: str

    @property
    def fitting(self) -> list[Candidate]:
        """What can be approved together."""
        return [candidate for candidate in self.candidates if not candidate.why_not]

    @property
    def sums(self) -> list[Money]:
        """Sum what fits, each currency by itself."""
        return sums_of(candidate.route.amount for candidate in self.fitting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one selected request."""

    route: ApprovalRoute
    is_done: bool
    sentence: str


def sums_of(amounts: Iterable[Money]) -> list[Money]:
    """Sum amounts, each currency by itself, in the order of the codes."""
    sums: defaultdict[str, int] = defaultdict(int)
    for amount in amounts:
        sums[amount.currency] += amount.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def select(viewer: User, route_ids: Sequence[UUID], *, at: datetime) -> Selection:
    """Look at what was selected, with as many queries for many as for few; what the viewer may not see is only counted.

    More than can be decided at once is not looked at: the problem says so.
    """
    wanted = list(dict.fromkeys(route_ids))
    if len(wanted) > MOST:
        return Selection(
            candidates=(),
            strange_count=0,
            problem=said("Select at most {most} requests; these are {count}.", most=MOST, count=len(wanted)),
        )
    seen = routes_visible_to(viewer).filter(pk__in=wanted, subject_kind=KIND).select_related("team", "requested_by")
    by_pk = {route.pk: route for route in seen}
    routes = [by_pk[pk] for pk in wanted if pk in by_pk]
    candidates = _within_the_day(viewer, _looked_at(viewer, routes, at), at)
    return Selection(
        candidates=tuple(candidates), strange_count=len(wanted) - len(routes), problem=_why_not_together(candidates)
    )


def _why_not_together(candidates: Sequence[Candidate]) -> str:
    fitting = [candidate.route for candidate in candidates if not candidate.why_not]
    reasons = sorted({route.title for route in fitting})
    categories = {route.category for route in fitting}
    if len(categories) > 1:
        return said("Only requests of one category can be approved together.")
    if len({route.reason for route in fitting}) > 1:
        return said(
            "Only requests with the same reason can be approved together; these have {reasons}.",
            reasons=joined(reasons, ", "),
        )
    return "" if fitting else said("Nothing that was selected can be approved here.")


def _looked_at(viewer: User, routes: list[ApprovalRoute], at: datetime) -> list[Candidate]:
    pks = [route.pk for route in routes]
    mine = set(ApprovalRoute.objects.filter(within_authority(viewer, at=at), pk__in=pks).values_list("pk", flat=True))
    decided = set(ApprovalDecision.objects.filter(route__in=pks, decided_by=viewer).values_list("route_id", flat=True))
    held = _held_by_others(viewer, pks, at)
    subjects = visible_to(viewer).filter(pk__in=[route.subject_id for route in routes]).select_related("decision")
    requests = {found.pk: found for found in subjects}
    missing = missing_next(requests.values())
    return [
        Candidate(
            route=route,
            why_not=_why_not_open(route, is_decided=route.pk in decided)
            or (why_not_decide(viewer, route, at=at) if route.pk not in mine else "")
            or _why_not_held(held.get(route.pk))
            or _why_not_routine(route, requests.get(route.subject_id))
            or _why_not_proved(missing.get(route.subject_id, [])),
        )
        for route in routes
    ]


def _held_by_others(viewer: User, route_ids: Sequence[UUID], at: datetime) -> dict[UUID, ApprovalStep]:
    # A step that several sign is shared by whoever looks at it.
    steps = ApprovalStep.objects.filter(route__in=route_ids, state=StepState.OPEN, quorum=1, leased_until__gt=at)
    return {step.route_id: step for step in steps.exclude(leased_by=viewer).select_related("leased_by")}


def _why_not_open(route: ApprovalRoute, *, is_decided: bool) -> str:
    if is_decided:
        return said("You decided on this already.")
    return "" if route.state == RouteState.OPEN else said("This no longer waits for a decision.")


def _why_not_held(step: ApprovalStep | None) -> str:
    if step is None:
        return ""
    until = f"{step.leased_until:%H:%M}"
    return said("{person} is looking at this until {time} UTC.", person=step.leased_by, time=until)


def _why_not_routine(route: ApprovalRoute, refund_request: RefundRequest | None) -> str:
    if refund_request is None or refund_request.state != State.AWAITING_APPROVAL:
        return said("This no longer waits for a decision.")
    if route.exception_code:
        return said("Decide it by itself: it is an exception from policy.")
    if route.risk != "low":
        return said("Decide it by itself: it is of {risk}.", risk=inside(route.get_risk_display()))
    if refund_request.decision is not None and refund_request.decision.outcome in {Outcome.EXCEPTION, Outcome.BLOCK}:
        return said("Decide it by itself: the policy does not cover it.")
    if refund_request.evidence_missing:
        return said("Decide it by itself: evidence is missing.")
    more = said("Decide it by itself: the policy asks for more than a signature for the amount.")
    return "" if route.is_routine else more


def _why_not_proved(missing: list[Missing]) -> str:
    return said("Decide it by itself: {sentence}", sentence=inside(missing[0].sentence)) if missing else ""


def _within_the_day(viewer: User, candidates: list[Candidate], at: datetime) -> list[Candidate]:
    """Leave out what the day has no room for, counted in the order of the selection and each currency by itself."""
    signed: dict[tuple[str, str], int] = {}
    checked = []
    for candidate in candidates:
        route = candidate.route
        limit = limit_for(viewer, team_id=route.team_id, category=route.category, currency=route.currency)
        if candidate.why_not or limit is None:
            checked.append(candidate)  # Who acts for another has her day checked when she signs.
            continue
        kind = (route.category, route.currency)
        if kind not in signed:
            signed[kind] = signed_today(viewer, category=route.category, currency=route.currency, at=at)
        if signed[kind] + route.amount_minor > limit.daily_minor:
            left = Money(max(limit.daily_minor - signed[kind], 0), route.currency)
            words = said(
                "Your limit for today leaves {left} behind the others; this is {amount}.",
                left=left,
                amount=route.amount,
            )
            checked.append(replace(candidate, why_not=words))
            continue
        signed[kind] += route.amount_minor
        checked.append(candidate)
    return checked


def approve_all(
    *,
    route_ids: Sequence[UUID],
    reason: BulkReason,
    note: str,
    actor: User,
    at: datetime,
    signed_in_at: datetime | None = None,
) -> list[Done]:
    """Approve each selected request in a transaction of its own, and say what became of each.

    Each is looked at and judged anew right before. Whatever keeps one back is said beside it and the others go on; an
    error that nobody foresaw stops there, and what was done stays done. Sent twice, it decides nothing twice.

    :raises Refused: when the selection as a whole cannot be approved, or for a note no record may carry
    :raises NotPermitted: `step_up_required`, before anything is decided, when one of them waits for it
    """
    selection = select(actor, route_ids, at=at)
    if selection.problem and not _is_over(selection):
        raise Refused("refused", selection.problem)
    for candidate in selection.fitting:
        check_stepped_up(candidate.route.amount, signed_in_at=signed_in_at, at=at)
    rationale = f"Bulk of {len(selection.candidates)}: {reason.label}. {note}".strip()
    check_rationale(rationale)
    bulk_id = str(new_id())
    sign = partial(
        workflow.decide, verdict=Verdict.APPROVE, rationale=rationale, signed_in_at=signed_in_at, actor=actor, at=at
    )
    results: list[Done] = []
    is_stopped = False
    for position, candidate in enumerate(selection.candidates, start=1):
        told = {"bulk": bulk_id, "position": position, "of": len(selection.candidates)}
        if candidate.why_not:
            # Only those that fit were compared with each other.
            results.append(Done(route=candidate.route, is_done=False, sentence=candidate.why_not))
            continue
        if is_stopped:
            results.append(
                Done(route=candidate.route, is_done=False, sentence=said("Not tried, because of the error before."))
            )
            continue
        try:
            results.append(_approve(candidate.route, partial(sign, told=told), actor, at))
        except (Refused, NotPermitted, OutOfDate) as no:
            results.append(Done(route=candidate.route, is_done=False, sentence=no.detail))
        except Exception:
            # What was decided before it is committed, and whoever pressed the button must learn of it.
            logger.exception("bulk.stopped", bulk=bulk_id, reference=candidate.route.reference)
            is_stopped = True
            words = said("An error stopped here; nothing was decided on this one.")
            results.append(Done(route=candidate.route, is_done=False, sentence=words))
    return results


def _is_over(selection: Selection) -> bool:
    """Tell whether there is nothing left to do but to say so, as when the same form is sent twice."""
    return bool(selection.candidates) and not selection.fitting


def _approve(route: ApprovalRoute, sign: partial[RefundRequest], actor: User, at: datetime) -> Done:
    try:
        decided = sign(reference=route.reference, only_if=partial(_check_is_as_seen, route=route, actor=actor, at=at))
    except RefundRequest.DoesNotExist:
        return Done(route=route, is_done=False, sentence=said("This is not known here."))
    if decided.state == State.AWAITING_APPROVAL:
        return Done(route=route, is_done=True, sentence=said("Signed; another signature is needed."))
    return Done(route=route, is_done=True, sentence=said("Approved: {amount}.", amount=decided.amount))


def _check_is_as_seen(refund_request: RefundRequest, *, route: ApprovalRoute, actor: User, at: datetime) -> None:
    """Look at a locked request and judge it anew: it must still wait on the route that was seen, and be routine.

    Whether she may sign it, has room in her day, and has every piece of evidence, the decision itself asks.

    :raises OutOfDate: when it does not
    """
    waiting = refund_request.route
    if waiting is None or refund_request.state != State.AWAITING_APPROVAL or waiting.pk != route.pk:
        raise OutOfDate("already_decided", said("This no longer waits for a decision as it was seen."))
    held = _held_by_others(actor, [waiting.pk], at).get(waiting.pk)
    why_not = _why_not_held(held) or _why_not_routine(waiting, refund_request)
    if why_not:
        raise OutOfDate("out_of_date", why_not)
    if not judgement.is_routine(refund_request, judgement.judge_request(refund_request, at=at).verdict):
        raise OutOfDate("out_of_date", said("Decide it by itself: the facts have changed since it was judged."))
