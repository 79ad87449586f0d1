"""A population that an auditor samples: how it is chosen, counted, told in words and drawn from."""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from config.kernel.money import Money
from config.kernel.wording import said_as
from refunds.permissions import visible_to
from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import RefundRequest

DATED_BY: Final[dict[str, str]] = {
    "created_at": said_as("requests", "created"),
    "decided_at": said_as("requests", "decided"),
    "refunded_at": said_as("requests", "refunded"),
}
MOST_ROWS: Final = 200_000
MOST_SAMPLED: Final = 500
LONGEST_SEED: Final = 64
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Which requests are meant: a period of whole days (UTC) and filters; empty filters ask for nothing."""

    dated_by: str
    from_on: date
    until_on: date
    team: str = ""
    state: str = ""
    currency: str = ""
    reason: str = ""
    exception_code: str = ""

    def parameters(self) -> dict[str, str]:
        """Write it so that `population_of` reads it again."""
        return {name: str(value) for name, value in asdict(self).items()}

    def words(self) -> str:
        """Say it in a sentence."""
        filters = {
            "team": self.team,
            "state": State(self.state).label.lower() if self.state else "",
            "currency": self.currency,
            "reason": self.reason,
            "exception code": self.exception_code,
        }
        told = "".join(f", {name} {value}" for name, value in filters.items() if value)
        return (
            f"refund requests {DATED_BY[self.dated_by]} from {self.from_on:%-d %b %Y} to {self.until_on:%-d %b %Y}"
            f" (whole days, UTC){told}"
        )


def population_of(parameters: dict[str, Any]) -> Population:
    """Read what `parameters` wrote."""
    words: dict[str, Any] = {name: str(parameters[name]) for name in Population.__dataclass_fields__}
    return Population(**words | {name: date.fromisoformat(words[name]) for name in ("from_on", "until_on")})


def requests_in(population: Population, *, viewer: User) -> QuerySet[RefundRequest]:
    """Select the requests of a population that this person may see, in the order of their ids."""
    dated = population.dated_by
    exact = {
        "team__slug": population.team,
        "state": population.state,
        "currency": population.currency,
        "reason": population.reason,
        "exception_code": population.exception_code,
    }
    within = {
        f"{dated}__gte": datetime.combine(population.from_on, time.min, tzinfo=UTC),
        f"{dated}__lt": datetime.combine(population.until_on + timedelta(days=1), time.min, tzinfo=UTC),
    }
    return visible_to(viewer).filter(**within, **{name: value for name, value in exact.items() if value}).order_by("pk")


@dataclass(frozen=True, slots=True)
class CurrencySum:
    """The requests of one currency: how many, what they asked for, what was approved or is asked still."""

    count: int
    requested: Money
    amount: Money


def sums_of(population: Population, *, viewer: User) -> list[CurrencySum]:
    """Count and add up a population, each currency apart."""
    rows = (
        requests_in(population, viewer=viewer)
        .order_by("currency")
        .values("currency")
        .annotate(
            count=Count("pk"),
            requested=Sum("requested_minor"),
            to_pay=Sum(Coalesce(F("approved_minor"), F("requested_minor"))),
        )
    )
    return [
        CurrencySum(
            row["count"], Money(int(row["requested"]), row["currency"]), Money(int(row["to_pay"]), row["currency"])
        )
        for row in rows
    ]


@dataclass(slots=True)
class Draw:
    """Counts what passes by, adds it up, and keeps the sample: those whose hash with the seed is smallest."""

    seed: str
    sample_size: int
    count: int = 0
    sums: dict[str, dict[str, int]] = field(default_factory=dict)
    _digest: Any = field(default_factory=hashlib.sha256)
    _kept: list[tuple[int, UUID]] = field(default_factory=list)

    def see(self, row: dict[str, Any]) -> None:
        """Take one request into account."""
        self.count += 1
        self._digest.update(f"{row['id']}\n".encode())
        sums = self.sums.setdefault(row["currency"], {"requested_minor": 0, "amount_minor": 0})
        for name in sums:
            sums[name] += row[name]
        rank = int.from_bytes(hashlib.sha256(f"{self.seed}\n{row['id']}".encode()).digest(), "big")
        # The heap keeps its smallest in front; we want to lose the largest.
        heapq.heappush(self._kept, (-rank, row["id"]))
        if len(self._kept) > self.sample_size:
            heapq.heappop(self._kept)

    def sample(self) -> list[UUID]:
        """Name what was drawn, in the order of the ids."""
        return sorted(request_id for _, request_id in self._kept)

    def told(self) -> dict[str, Any]:
        """Say it all, as the list of files repeats it."""
        return {
            "count": self.count,
            "sums": self.sums,
            "ids_sha256": self._digest.hexdigest(),
            "seed": self.seed,
            "sample_size": self.sample_size,
            "drawn": "The requests with the smallest SHA-256 over seed, line feed and id.",
        }


def rows_of(requests: QuerySet[RefundRequest]) -> Iterator[dict[str, Any]]:
    """Read the few columns by which a population is counted, a part at a time."""
    rows = requests.annotate(to_pay=Coalesce(F("approved_minor"), F("requested_minor"))).values_list(
        "pk", "reference", "state", "currency", "requested_minor", "to_pay", "created_at", named=True
    )
    last: UUID | None = None
    while True:
        # By pages of the key instead of a cursor of the server: a cursor needs one long transaction.
        part = list(rows.filter(Q() if last is None else Q(pk__gt=last))[:_AT_ONCE])
        for row in part:
            yield {
                "id": row.pk,
                "reference": row.reference,
                "state": row.state,
                "currency": row.currency,
                "requested_minor": row.requested_minor,
                "amount_minor": row.to_pay,
                "created_at": row.created_at,
            }
        if len(part) < _AT_ONCE:
            return
        last = part[-1].pk
