"""Seal anew what older keys sealed, so that they can be taken away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from .sealing import box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH: Final = 200


def whole(value: str, anew: Callable[[str], str]) -> str:
    """Seal a column anew that holds nothing else; an empty one stays empty."""
    return anew(value) if value else value


@dataclass(frozen=True)
class SealedColumn:
    """Where something sealed is kept: `model` as `app.Model`, and the setting that holds its keys, the newest first.

    `change` finds what is sealed inside the column's value, and answers the value with each part sealed anew.
    """

    model: str
    column: str
    keys: str
    purpose: str
    change: Callable[[Any, Callable[[str], str]], Any] = whole

    def __str__(self) -> str:
        return f"{self.model}.{self.column}"


@dataclass
class Tally:
    """How far a column is: rows looked at, rows sealed anew, and the keys of rows that were left as they are."""

    seen_count: int = 0
    sealed_count: int = 0
    left: list[str] = field(default_factory=list)


def sealed_columns() -> list[SealedColumn]:
    """Gather every sealed column; the setting SEALED_COLUMNS names the lists."""
    return [column for path in settings.SEALED_COLUMNS for column in import_string(path)]


def reseal(column: SealedColumn, *, batch: int = BATCH) -> Iterator[Tally]:
    """Seal a column anew with the first key, batch by batch; the tally is told after each.

    1. Lock the next rows by primary key.
    2. Leave alone what the first key opens: so it goes on where it was stopped.
    3. Leave alone, and name, what no key opens or the database does not let change.
    """
    newest, every = (box(words, purpose=column.purpose) for words in _words_of(column))

    def anew(sealed: str) -> str:
        try:
            newest.decrypt(sealed.encode())
        except InvalidToken:
            return every.rotate(sealed.encode()).decode()
        return sealed

    tally = Tally()
    last: Any = None
    while True:
        with transaction.atomic():
            last = _reseal_batch(column, anew, tally, last, batch)
        if last is None:
            return
        yield tally


def _words_of(column: SealedColumn) -> tuple[list[str], list[str]]:
    words: list[str] = getattr(settings, column.keys)
    return words[:1], words


def _reseal_batch(column: SealedColumn, anew: Callable[[str], str], tally: Tally, after: Any, batch: int) -> Any:
    rows = apps.get_model(column.model)._base_manager.order_by("pk")  # noqa: SLF001 - Django documents it, for whatever rows a manager hides
    if after is not None:
        rows = rows.filter(pk__gt=after)
    last: Any = None
    for last, value in rows.select_for_update().values_list("pk", column.column)[:batch]:
        tally.seen_count += 1
        try:
            changed = column.change(value, anew)
            if changed != value:
                with transaction.atomic():
                    rows.filter(pk=last).update(**{column.column: changed})
                tally.sealed_count += 1
        except (InvalidToken, IntegrityError):
            tally.left.append(str(last))
    return last
