"""The proof: every fact counted again from its rows, every cell added up again in plain Python, and compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from analytics.models import MONTHS, SUMMED, TIMES, Basis, CaptureCell, CaptureFact, OutflowCell, OutflowFact
from evidence.models import LedgerEntry
from policies.models import GovernedAction
from refunds.models import RefundRequest

from .captures import captures_apart
from .following import count_again, recounted, touched_by
from .marking import LOCK, the_mark
from .sources import GIVEN_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from uuid import UUID

ORDERS_AT_ONCE: Final = 500
_FIELDS: Final = OutflowFact._meta.concrete_fields  # noqa: SLF001 - Django's public door has this name
_COLUMNS: Final = tuple(field.attname for field in _FIELDS if not field.primary_key)

Key = tuple[str, "date", int, str, str, str]


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found: how many facts, cells and payments were compared, and a sentence for each that differs."""

    fact_count: int
    cell_count: int
    payment_count: int
    differences: tuple[str, ...]


def prove() -> Recount:
    """Compare everything at one instant, while requests go on.

    1. Nobody else counts meanwhile, and one snapshot of the database is looked at.
    2. What the ledger has beyond the bookmark in that snapshot is counted first.
    3. Every fact and cell is compared with a recount.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # The first statement of the transaction: the snapshot is younger than the lock.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            unread = LedgerEntry.objects.filter(pk__gt=the_mark().settled_id)
            count_again(*touched_by(unread.values_list("subject_kind", "subject_id")))
            return compare()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def compare(progress: Callable[[int], object] = lambda _done: None) -> Recount:
    """Compare facts and cells with what their rows say now."""
    differences: list[str] = []
    sums: dict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMMED))
    seen: set[int] = set()
    for orders, subjects in batches():
        fresh, everything = recounted(orders, subjects)
        stored = OutflowFact.objects.filter(order_id__in=everything) if orders else _loose_among(subjects)
        differences += _apart(_by_key(fresh, loose=not orders), _by_key(stored, loose=not orders))
        seen.update(fact.pk for fact in stored)
        for fact in fresh if orders else [one for one in fresh if one.order_id is None]:
            for key, values in contributions(fact):
                sums[key] = [old + new for old, new in zip(sums[key], values, strict=True)]
        progress(len(orders) + len(subjects))
    differences += [f"{stray}: has no row any more." for stray in OutflowFact.objects.exclude(pk__in=seen)]
    cells = {_key_of(cell): [getattr(cell, column) for column in SUMMED] for cell in OutflowCell.objects.all()}
    differences += _cells_apart({key: values for key, values in sums.items() if any(values)}, cells)
    differences += captures_apart()
    sum_count = len(cells) + CaptureCell.objects.count()
    return Recount(len(seen), sum_count, CaptureFact.objects.count(), tuple(differences))


def batches() -> Iterator[tuple[list[int], list[UUID]]]:
    """Cut everything there is to count into orders, some at a time, and then what is of none, and actions."""
    requests = RefundRequest.objects.filter(submitted_at__isnull=False)
    orders = sorted(
        {*requests.filter(order__isnull=False).order_by().values_list("order_id", flat=True).distinct()}
        | {order for order in OutflowFact.objects.values_list("order_id", flat=True).distinct() if order is not None}
    )
    for start in range(0, len(orders), ORDERS_AT_ONCE):
        yield orders[start : start + ORDERS_AT_ONCE], []
    actions = list(GovernedAction.objects.filter(category__in=GIVEN_BACK).order_by("pk").values_list("pk", flat=True))
    loose = [*requests.filter(order__isnull=True).order_by("pk").values_list("pk", flat=True), *actions]
    for start in range(0, len(loose), ORDERS_AT_ONCE):
        yield [], loose[start : start + ORDERS_AT_ONCE]


def contributions(fact: OutflowFact) -> Iterator[tuple[Key, list[int]]]:
    """Say what a fact adds to which cell; written apart from the statement that folds, so that one proves the other."""
    leaks = fact.leakage_minor > 0
    adds = {
        "count": 1,
        "leaking_count": int(leaks),
        "touch_free_count": int(fact.is_touch_free),
        "reviewed_count": int(fact.is_reviewed),
        "unchanged_count": int(fact.is_unchanged),
        "waited_seconds": (fact.approval_seconds or 0) + (fact.review_seconds or 0) if fact.is_reviewed else 0,
        "evidence_asked_count": int(fact.is_evidence_asked),
        "evidence_held_count": int(fact.is_evidence_held),
        "due_step_count": fact.due_step_count,
        "late_step_count": fact.late_step_count,
    }
    money = {column: getattr(fact, column) for column in SUMMED if column.endswith("_minor")}
    told = {**(adds if fact.is_main else dict.fromkeys(adds, 0)), **money}
    values = [told[column] for column in SUMMED]
    for basis, on in _days(fact):
        for dimension, value in _places(fact, basis):
            for word, day in _grains(dimension, on):
                yield (basis, day, fact.team_id, fact.currency, word, value), values


def _grains(dimension: str, on: date) -> Iterator[tuple[str, date]]:
    """Steps have many classes, so they are added up by month alone; amounts by day alone, all else by both."""
    month = on.replace(day=1)
    if dimension.startswith("step."):
        yield dimension, month
        return
    yield dimension, on
    if dimension != "amount":
        yield f"{MONTHS}{dimension}", month


def bucket(number: int) -> str:
    """Round a number up to two digits, with leading noughts."""
    unit = 10 ** max(len(str(number)) - 2, 0)
    return f"{-(-number // unit) * unit:012d}"


def _days(fact: OutflowFact) -> Iterator[tuple[str, date]]:
    if fact.refunded_on is not None:
        yield Basis.REFUND.value, fact.refunded_on
        yield Basis.SALE.value, fact.sale_on
    if fact.decided_on is not None and fact.is_main:
        yield Basis.DECISION.value, fact.decided_on


def _places(fact: OutflowFact, basis: str) -> Iterator[tuple[str, str]]:
    yield "total", ""
    yield from (
        (word, getattr(fact, word))
        for word in ("code", "reason", "band", "channel", "product", "outcome", "category", "origin")
    )
    yield "approver", "" if fact.approver_id is None else str(fact.approver_id)
    yield "version", "" if fact.version_id is None else str(fact.version_id)
    if basis != Basis.DECISION:
        return
    for step in TIMES:
        seconds = getattr(fact, f"{step}_seconds")
        if seconds is not None:
            yield f"step.{step}", bucket(seconds)
    if fact.is_reviewed and fact.is_by_amount:
        yield "amount", bucket(fact.asked_minor)


def _loose_among(subjects: Sequence[UUID]) -> Sequence[OutflowFact]:
    return list(OutflowFact.objects.filter(subject_id__in=subjects, order_id__isnull=True))


def _by_key(facts: Any, *, loose: bool) -> dict[tuple[str, UUID, str], OutflowFact]:
    some = [fact for fact in facts if fact.order_id is None] if loose else facts
    return {(fact.subject_kind, fact.subject_id, fact.currency): fact for fact in some}


def _apart(
    fresh: dict[tuple[str, UUID, str], OutflowFact], stored: dict[tuple[str, UUID, str], OutflowFact]
) -> Iterator[str]:
    for key in sorted({*fresh, *stored}, key=str):
        new, old = fresh.get(key), stored.get(key)
        if new is None or old is None:
            yield f"{old or new}: {'is counted, and should not be' if new is None else 'is not counted'}."
            continue
        odd = [name for name in _COLUMNS if getattr(new, name) != getattr(old, name)]
        told = ", ".join(f"{name} is {getattr(old, name)}, recounted {getattr(new, name)}" for name in odd)
        if told:
            yield f"{old}: {told}."


def _cells_apart(sums: dict[Key, list[int]], cells: dict[Key, list[int]]) -> Iterator[str]:
    for key in sorted({*sums, *cells}, key=str):
        new, old = sums.get(key), cells.get(key)
        if new != old:
            yield f"cell {key}: is {old}, recounted {new}."


def _key_of(cell: OutflowCell) -> Key:
    return cell.basis, cell.on, cell.team_id, cell.currency, cell.dimension, cell.value
