"""Pieces of SQL that fit together: text with placeholders, the values beside it, and the facts it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Sql(NamedTuple):
    """An expression. A value never stands in `text`.

    `facts` are the columns of the stored facts that it reads, `sums` what must be added up over the lines, by name.
    """

    text: str
    params: tuple[Any, ...] = ()
    facts: frozenset[str] = frozenset()
    sums: frozenset[tuple[str, Sql]] = frozenset()


NEVER = Sql("FALSE")
NOTHING = Sql("NULL::bigint")


def sql(text: str, *parts: object) -> Sql:
    """Fill each `{}` of the text: with another piece as it stands, with anything else as a parameter."""
    pieces = [part if isinstance(part, Sql) else Sql("%s", (part,)) for part in parts]
    return Sql(
        text.format(*[piece.text for piece in pieces]),
        tuple([param for piece in pieces for param in piece.params]),
        frozenset().union(*[piece.facts for piece in pieces]),
        frozenset().union(*[piece.sums for piece in pieces]),
    )


def any_of(conditions: Iterable[Sql]) -> Sql:
    """Hold when one of them does; never without any."""
    return _joined(" OR ", map(_closed, conditions)) or NEVER


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Hold when each of them does; always without any."""
    return _joined(" AND ", map(_closed, conditions)) or Sql("TRUE")


def is_in(expression: Sql, words: Collection[str]) -> Sql:
    """Hold when the expression is one of these words."""
    return sql("{} = ANY({}::text[])", expression, sorted(words)) if words else NEVER


def listed(pieces: Iterable[Sql]) -> Sql:
    """Set pieces beside each other: at least one."""
    return _joined(", ", pieces) or Sql("NULL")


def looked_up(expression: Sql, values: Mapping[str, object], otherwise: object) -> Sql:
    """Answer the value of the word that the expression is; `otherwise` for any other word."""
    if not values:
        return sql("{}", otherwise)
    cases = _joined(" ", [sql("WHEN {} THEN {}", str(word), value) for word, value in values.items()])
    return sql("(CASE {} {} ELSE {} END)", expression, cases, otherwise)


def _closed(condition: Sql) -> Sql:
    return sql("({})", condition)


def _joined(word: str, pieces: Iterable[Sql]) -> Sql | None:
    found = list(pieces)
    return sql(word.join(["{}"] * len(found)), *found) if found else None
