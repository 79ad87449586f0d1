"""The amounts above which somebody else had a say, as they were when each request was decided.

A limit that was raised in May explains nothing that was asked for in March. The bands of a policy are those of the
version that judged the request. Authority limits are those in force at its decision, as two people confirmed each
change; what is undecided is held to the limits of today. Never to the limit of whoever signed: requests above it went
to others, so that those below it would all seem to hug it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from approvals.models import AuthorityLimit, LimitChange
from approvals.vocabulary import ChangeState
from policies.judging import document_of
from policies.models import PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

    from policies.engine.document import PolicyDocument

    _Scope = tuple[int | None, str, int | None, str, str]
    """Whose limit it is: a person's or a role's, of a team or every team, for what, in which currency."""

EVER = datetime.min.replace(tzinfo=UTC)
EVER_AFTER = datetime.max.replace(tzinfo=UTC)


class Span(NamedTuple):
    """A single limit of one team, or of every team, from one moment up to another."""

    team_id: int | None
    from_at: datetime
    until_at: datetime
    minor: int


@dataclass(frozen=True, slots=True)
class LimitsThen:
    """The documents of versions, and the limits of each category and currency with their times."""

    documents: Mapping[UUID, PolicyDocument]
    spans: Mapping[tuple[str, str], Sequence[Span]]

    def on(
        self, *, team_id: int, category: str, currency: str, version_id: UUID | None, at: datetime
    ) -> tuple[int, ...]:
        """List the limits that a request of this kind met at a moment, smallest first."""
        found = {
            span.minor
            for span in self.spans.get((category, currency), ())
            if span.team_id in {None, team_id} and span.from_at <= at < span.until_at
        }
        document = self.documents.get(version_id) if version_id else None
        threshold = document.threshold_for(category, currency) if document else None
        if threshold is not None:
            found |= {threshold.auto_up_to_minor, threshold.approve_up_to_minor}
        return tuple(sorted(found - {0}))


def limits_then(version_ids: Collection[UUID]) -> LimitsThen:
    """Read the versions that judged, and every limit that ever was."""
    versions = PolicyVersion.objects.filter(pk__in=version_ids)
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for (*_, team_id, category, currency), span in _spans():
        spans[category, currency].append(Span(team_id, *span))
    return LimitsThen({version.pk: document_of(version) for version in versions}, spans)


_KEY = ("user_id", "role", "team_id", "category", "currency")


def _spans() -> Iterator[tuple[_Scope, tuple[datetime, datetime, int]]]:
    """Follow each limit through its confirmed changes; one that nobody ever changed stood all the time."""
    changes: dict[_Scope, list[tuple[datetime, int | None]]] = defaultdict(list)
    confirmed = LimitChange.objects.filter(state=ChangeState.CONFIRMED, answered_at__isnull=False)
    rows = confirmed.order_by("answered_at", "pk").values_list(
        *_KEY, "answered_at", "single_minor", "single_before_minor"
    )
    for user, role, team, category, currency, moment, minor, before in rows:
        mine = changes[user, role, team, category, currency]
        # Nothing was written down of how it came to be what the first change found.
        mine += [] if mine else [(EVER, before)]
        mine.append((moment, minor))
    for user, role, team, category, currency, minor in AuthorityLimit.objects.values_list(*_KEY, "single_minor"):
        changes.setdefault((user, role, team, category, currency), [(EVER, minor)])
    for of, several in changes.items():
        ends = [moment for moment, _ in several[1:]] + [EVER_AFTER]
        for (since, minor), until in zip(several, ends, strict=True):
            if minor is not None:
                yield of, (since, until, minor)
