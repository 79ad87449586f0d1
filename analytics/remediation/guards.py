"""Preconditions of an item's transitions, each with the sentence people read when it does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics.models import RemediationItem


class Guard(Protocol):
    """A question with its refusal beside it."""

    sentence: str

    def __call__(self, item: Any, /) -> bool:
        """Answer whether the transition may happen."""
        ...


def guard(sentence: str) -> Callable[[Callable[[RemediationItem], bool]], Guard]:
    """Put the refusal beside the question."""

    def decorate(question: Callable[[RemediationItem], bool]) -> Guard:
        asked = cast("Guard", question)
        asked.sentence = sentence
        return asked

    return decorate


@guard(said("Say what you think the cause is."))
def cause_is_said(item: RemediationItem) -> bool:
    """A change without a hypothesis cannot be tested."""
    return bool(item.hypothesis)


@guard(said("Say what was changed."))
def change_is_said(item: RemediationItem) -> bool:
    """The effect test compares before and after something."""
    return bool(item.change)


@guard(said("Somebody owns it first: take it, or give it to somebody."))
def somebody_owns_it(item: RemediationItem) -> bool:
    """Whoever made the change is asked when it did not help."""
    return item.owner_id is not None


@guard(said("Closing is proposed already; somebody else answers it."))
def no_closing_is_proposed(item: RemediationItem) -> bool:
    """A proposal is answered or taken back before there is another."""
    return item.proposed_by_id is None


@guard(said("Nobody proposed to close it."))
def closing_is_proposed(item: RemediationItem) -> bool:
    """The second person agrees to something."""
    return item.proposed_by_id is not None
