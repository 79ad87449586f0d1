"""What verdicts that gated nothing would have done, and what people did with the same cases.

A case that was submitted more than once counts once, by its latest verdict. Days are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate

from config.kernel.web import LAST_DAY

from .agreement import agreement_of, that_go_together, with_agreed, with_people
from .models import PolicyDecision
from .vocabulary import Mode, VersionState

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.subjects import Subject

    from .models import Policy, PolicyVersion

USUAL_DAYS = 30
FIRST_DAY = date(2001, 1, 1)
"""Nothing was judged before; and days can be taken away from it."""

MOST_DAYS = 366
UNKNOWN = "unknown"
"""What the version in force said, where there is no decision of it beside a trial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Whose verdicts, in which days, both included: those of a version in shadow, or all a policy gave in shadow mode.

    The words narrow the rows: `outcome`, `people`, `agreement`, `category`, `currency`, a single `day`, and `in_force`,
    what the version in force said of the same case in the same moment.
    """

    policy: Policy
    version: PolicyVersion | None = None
    from_on: date
    to_on: date
    outcome: str = ""
    people: str = ""
    agreement: str = ""
    category: str = ""
    currency: str = ""
    in_force: str = ""
    day: date | None = None

    def rows(self) -> QuerySet[PolicyDecision]:
        """List the decisions that are counted, newest first, each with what `people` did and what was `in_force`."""
        from_at = datetime.combine(self.day or self.from_on, time.min, tzinfo=UTC)
        until_at = datetime.combine((self.day or self.to_on) + timedelta(days=1), time.min, tzinfo=UTC)
        rows = _latest(self._said().filter(decided_at__gte=from_at, decided_at__lt=until_at))
        words = {
            "outcome": self.outcome,
            "category": self.category,
            "currency": self.currency,
            "people": self.people,
            "in_force": self.in_force,
        }
        found = with_people(rows).annotate(in_force=_in_force() if self.version else Value(""))
        if self.agreement:
            found = found.filter(that_go_together(self.agreement))
        return found.filter(**{name: word for name, word in words.items() if word}).order_by("-decided_at", "-pk")

    def _said(self) -> QuerySet[PolicyDecision]:
        if self.version is None:
            return PolicyDecision.objects.filter(
                version__in=self.policy.versions.all(), mode=Mode.SHADOW, is_trial=False
            )
        trials = PolicyDecision.objects.filter(version=self.version, is_trial=True)
        # What an earlier edition of the draft said is no word of this one.
        since = self.version.shadow_since
        return trials.none() if since is None else trials.filter(decided_at__gte=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many cases of one kind on one day, and for how much in their currency."""

    day: date
    category: str
    currency: str
    outcome: str
    people: str
    in_force: str
    count: int
    minor: int

    @property
    def agreement(self) -> str:
        """How the verdict and what people did go together."""
        return agreement_of(self.outcome, self.people)


def cells(watch: Watch) -> list[Cell]:
    """Count the rows by everything a page adds up, in one query."""
    return [
        Cell(**row)
        for row in watch.rows()
        .order_by()
        .annotate(day=TruncDate("decided_at", tzinfo=UTC))
        .values("day", "category", "currency", "outcome", "people", "in_force")
        .annotate(count=Count("pk"), minor=Sum("amount_minor"))
        .order_by("day", "category", "currency", "outcome", "people", "in_force")
    ]


def usual_window(today: date, from_on: date | None = None, to_on: date | None = None) -> tuple[date, date]:
    """Say which days are looked at when some or none are named; a window no one could read becomes a readable one."""
    last = min(max(to_on or today, FIRST_DAY), LAST_DAY)
    first = from_on or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        return last - timedelta(days=USUAL_DAYS - 1), last
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def page_after(watch: Watch, last: UUID | None, size: int) -> list[PolicyDecision]:
    """List one page of the rows and the first of the next; `last` is the last row of the page before."""
    rows = with_agreed(watch.rows()).select_related("version")
    edge = PolicyDecision.objects.filter(pk=last).values("decided_at", "pk").first() if last else None
    if edge is not None:
        rows = rows.filter(Q(decided_at__lt=edge["decided_at"]) | Q(decided_at=edge["decided_at"], pk__lt=edge["pk"]))
    return list(rows[: size + 1])


def trial_of(subject: Subject) -> PolicyDecision | None:
    """Find what the version that is in shadow now said last of a case."""
    return (
        PolicyDecision.objects.filter(
            subject_kind=subject.kind,
            subject_id=subject.id,
            is_trial=True,
            version__state=VersionState.SHADOW,
            decided_at__gte=F("version__shadow_since"),
        )
        .select_related("version__policy")
        .order_by("-decided_at", "-pk")
        .first()
    )


def _latest(rows: QuerySet[PolicyDecision]) -> QuerySet[PolicyDecision]:
    """Keep the latest verdict on each case, whichever version of the policy gave it; trials have one version each."""
    later = PolicyDecision.objects.filter(
        Q(decided_at__gt=OuterRef("decided_at")) | Q(decided_at=OuterRef("decided_at"), pk__gt=OuterRef("pk")),
        Q(is_trial=False) | Q(version=OuterRef("version")),
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        is_trial=OuterRef("is_trial"),
    )
    return rows.filter(~Exists(later))


def _in_force() -> Coalesce:
    """Say what the version in force said of the same case in the same moment."""
    said = PolicyDecision.objects.filter(
        subject_kind=OuterRef("subject_kind"),
        subject_id=OuterRef("subject_id"),
        decided_at=OuterRef("decided_at"),
        is_trial=False,
    )
    return Coalesce(Subquery(said.values("outcome")[:1]), Value(UNKNOWN))
