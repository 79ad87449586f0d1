"""Signatures in sentences, rendered from the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.engine.amounts import amount_words, hour_words, listed, spoken
from policies.engine.words import Risk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.engine.signatures import Extra, Step, When


ALSO_NEEDS: Final = " also needs "
"""Stands between the condition of an extra signature and its people."""


def signature_words(steps: tuple[Step, ...]) -> str:
    """Say who signs, one after the other or together, and by when."""
    first, *others = steps
    said = [_signed_by(first)]
    said += [f"{' and with it ' if step.is_parallel else ', then '}{_signed_by(step)}" for step in others]
    return "".join(said)


def extra_words(extra: Extra) -> str:
    """Say who signs besides, and when: `A high risk also needs one manager within 8 hours.`"""
    place = ", together with whoever signs last before" if extra.is_parallel else ""
    return f"{condition_words(extra.when)}{ALSO_NEEDS}{_signed_by(extra)}{place}."


def condition_words(when: When) -> str:
    """Say when an extra signature is asked for: `A high risk with the code OTHER and more than GBP 100.00`."""
    first, *others = _conditions(when)
    said = f"{first} with {listed(others)}" if others else first
    return said[0].upper() + said[1:]


def people_words(role: str, quorum: int, out_of: int | None = None) -> str:
    """Name people by their role: `one approver`, `2 of 3 directors`, `2 signatures of finance`."""
    is_a_person = role.endswith(("er", "or", "ent"))
    if out_of is None and quorum == 1:
        return f"one {spoken(role)}" if is_a_person else f"one signature of {spoken(role)}"
    many = f"{quorum} of {out_of}" if out_of is not None else str(quorum)
    return f"{many} {spoken(role)}s" if is_a_person else f"{many} signatures of {spoken(role)}"


def _signed_by(step: Step) -> str:
    late = f" (overdue: {_successor(step)})" if step.escalates_to else ""
    return f"{people_words(step.role, step.quorum, step.out_of)} within {hour_words(step.sla_hours)}{late}"


def _successor(step: Step) -> str:
    successor = step.escalates_to or step.role
    return f"another {spoken(successor)} is asked" if successor == step.role else f"{spoken(successor)} is asked"


def _conditions(when: When) -> Iterator[str]:
    if when.risks:
        yield f"a {_any([risk for risk in Risk if risk in when.risks])} risk"
    if when.reasons:
        yield f"the reason {_any(f'“{spoken(reason)}”' for reason in sorted(when.reasons))}"
    if when.exception_codes:
        yield f"the code {_any(sorted(when.exception_codes))}"
    if when.categories:
        yield f"the category {_any(f'“{spoken(category)}”' for category in sorted(when.categories))}"
    if when.above_minor:
        yield f"more than {_any(amount_words(minor, code) for code, minor in sorted(when.above_minor.items()))}"


def _any(words: Iterable[str]) -> str:
    return listed(list(words), "or")
