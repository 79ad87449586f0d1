"""The first minutes: one task for each role, ticked off once the ledger shows that it was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Min
from django.urls import reverse
from django.utils.http import urlencode

from analytics.models import SampledDecision
from analytics.sampling.permissions import samples_visible_to
from approvals import roles
from approvals.queue_view import QueueView
from approvals.selectors import waiting_routes
from approvals.services.reviews import SIGNED
from config.kernel.people import User, team_ids_of
from evidence.models import LedgerEntry
from refunds.breaks.permissions import breaks_visible_to
from refunds.breaks.vocabulary import BreakState
from refunds.models import Order
from refunds.models.refund_request import KIND
from refunds.selectors import exceptions_waiting

from .door import BECAME, subject_of
from .people import PERSONAS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from .people import Persona


@dataclass(frozen=True, slots=True)
class FirstTask:
    """What somebody new tries in a role: where it is done, and which entries of the ledger show that she did it."""

    title: str
    story: str
    kinds: frozenset[str]
    where: Callable[[User, datetime], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One person of the way, as the list of steps shows it."""

    persona: Persona
    task: FirstTask
    state: str

    @property
    def label(self) -> str:
        """Who does what."""
        return f"{self.persona.username.capitalize()}: {self.task.title.lower()}"


@dataclass(frozen=True, slots=True)
class Guide:
    """The way as one person sees it: her own task, whether it is done, where it is, and who comes next."""

    task: FirstTask
    is_done: bool
    where: str
    steps: Sequence[Step]

    @property
    def next(self) -> Step | None:
        """The first person of the way whose task is not done, the viewer's own left out."""
        return next((step for step in self.steps if step.state == "todo"), None)


def steps(*, viewer: User | None = None) -> list[Step]:
    """List the way through the roles, each ticked off if somebody who came by the demo's door did its task."""
    people = {user.username: user for user in User.objects.filter(username__in=_WAY)}
    began = _began([people[name] for name in _WAY if name in people])
    found = []
    for persona in PERSONAS:
        user = people.get(persona.username)
        if user is None:
            continue
        task, since = FIRST_TASKS[persona.role], began.get(subject_of(persona.username).id)
        is_done = since is not None and _did(user, task, since)
        state = "done" if is_done else "current" if user == viewer else "todo"
        found.append(Step(persona, task, state))
    return found


def guide_for(user: User, *, at: datetime) -> Guide | None:
    """Lead a person of the demo to her first task; None for whoever is no such person."""
    persona = next((one for one in PERSONAS if one.username == user.get_username()), None)
    if persona is None:
        return None
    task, since = FIRST_TASKS[persona.role], _began([user]).get(subject_of(user.username).id)
    is_done = since is not None and _did(user, task, since)
    return Guide(task=task, is_done=is_done, where=task.where(user, at), steps=steps(viewer=user))


def _began(people: Sequence[User]) -> dict[object, int]:
    """Find the entry with which somebody first became each of them; what came before is the made-up past."""
    subjects = [subject_of(user.username).id for user in people]
    entries = LedgerEntry.objects.filter(subject_kind="person", subject_id__in=subjects, kind=BECAME)
    return dict(entries.order_by().values_list("subject_id").annotate(first=Min("pk")))


def _did(user: User, task: FirstTask, since: int) -> bool:
    return LedgerEntry.objects.filter(pk__gt=since, actor=user, kind__in=task.kinds).exists()


def _order_to_give_back(user: User, _at: datetime) -> str:
    orders = Order.objects.filter(team__in=team_ids_of(user), refund_requests=None, payments__captured_minor__gt=0)
    order = orders.order_by("-placed_at", "-pk").first()
    return reverse("refunds:intake") + (f"?{urlencode({'q': order.external_id})}" if order else "")


def _exception(user: User, _at: datetime) -> str:
    waiting = exceptions_waiting(user).first()
    return reverse("refunds:exceptions") if waiting is None else waiting.get_absolute_url()


def _signature(user: User, at: datetime) -> str:
    waiting = waiting_routes(user, QueueView(), at=at).filter(subject_kind=KIND).first()
    return reverse("approvals:queue") if waiting is None else waiting.page


def _break(user: User, _at: datetime) -> str:
    found = breaks_visible_to(user).filter(state=BreakState.OPEN).order_by("pk").first()
    return reverse("refunds:breaks") if found is None else found.get_absolute_url()


def _decision_to_look_at(user: User, _at: datetime) -> str:
    sampled = SampledDecision.objects.filter(sample__in=samples_visible_to(user), reviewer=None).order_by("pk").first()
    return reverse("analytics:samples") if sampled is None else sampled.get_absolute_url()


FIRST_TASKS: dict[str, FirstTask] = {
    roles.AGENT: FirstTask(
        "Ask for money back",
        "A customer sends something back. Open the order, pick what came back, read the verdict and submit.",
        frozenset({"refund_request.submitted"}),
        _order_to_give_back,
    ),
    roles.REVIEWER: FirstTask(
        "Judge an exception",
        "The policy does not cover this request. Grant it under a code, ask the agent, or decline.",
        frozenset({"refund_request.exception_granted", "refund_request.asked", "refund_request.declined"}),
        _exception,
    ),
    roles.APPROVER: FirstTask(
        "Approve this one",
        "It is within the limit and waits longest. Read why it needs a person, then approve, ask or decline.",
        frozenset({f"refund_request.{word}" for word in ("approved", "signed", "asked", "declined")}),
        _signature,
    ),
    roles.FINANCE: FirstTask(
        "Find the break",
        "A statement and our books disagree. Open the break, take it, and say what it was.",
        frozenset({f"break.{word}" for word in ("assigned", "commented", "proposed", "resolved", "declined")}),
        _break,
    ),
    roles.QUALITY: FirstTask(
        "Take a second look",
        "Judge a decision again without seeing how it ended; only then read what was decided.",
        frozenset({"quality_sample.looked_at", "quality_sample.found"}),
        _decision_to_look_at,
    ),
    roles.AUDITOR: FirstTask(
        "Sign the access review",
        "Read who could approve what at this moment, note what you found, and sign.",
        frozenset({SIGNED}),
        lambda _user, _at: reverse("approvals:access_review"),
    ),
    roles.ADMINISTRATOR: FirstTask(
        "Propose a limit",
        "Propose what an approver may sign for. It counts once Lena, or another second person, has confirmed it.",
        frozenset({"limit.proposed"}),
        lambda _user, _at: reverse("admin:approvals_authoritylimit_add"),
    ),
}
_WAY = tuple({persona.role: persona.username for persona in reversed(PERSONAS)}.values())
"""Who shows each role, the first person of it."""
