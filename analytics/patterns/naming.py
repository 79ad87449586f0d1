"""Who is behind a signal: a name for those who may know, a number for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.people import User
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analytics.models import PatternSignal

NAMES = "analytics.view_people_insight"


class Names:
    """The words for the people of the signals and drawings a viewer sees."""

    def __init__(self, viewer: User, people: Iterable[int]) -> None:
        """Ask for the names, or hand out numbers in this order."""
        listed = list(dict.fromkeys(people))
        self.are_shown = viewer.has_perm(NAMES)
        if self.are_shown:
            self._words = {person.pk: str(person) for person in User.objects.filter(pk__in=listed)}
        else:
            self._words = {pk: said("Person {number}", number=number) for number, pk in enumerate(listed, start=1)}

    def of(self, person: int) -> str:
        """The word for one person."""
        return self._words.get(person, said("Somebody"))

    def sentence(self, signal: PatternSignal) -> str:
        """A signal's sentence with its people."""
        return signal.sentence.format(*(self.of(person) for person in signal.people))

    def hide(self, signal: PatternSignal) -> bool:
        """Whether the rows would give away who is meant."""
        return bool(signal.people) and not self.are_shown
