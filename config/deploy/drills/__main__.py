"""Run drills and print a line of figures for each; exit status 1 when one lost or doubled something."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .broker import lose_the_broker
from .filling import fill_the_disk
from .killing import kill_each
from .poison import poison
from .premises import premises
from .restoring import lose_the_database
from .slowing import slow_the_disk
from .thousand import kill_among_a_thousand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure

SHARED = {"kill": kill_each, "poison": poison, "slow_disk": slow_the_disk, "thousand": kill_among_a_thousand}
"""Drills on one portal."""

ALONE = {"restore": lose_the_database, "broker": lose_the_broker, "full_disk": fill_the_disk}
"""Drills with a portal of their own."""


def figures_of(names: list[str]) -> Iterator[Figure]:
    """Run the drills of these names, all without names."""
    wanted = names or [*SHARED, *ALONE]
    if shared := [SHARED[name] for name in SHARED if name in wanted]:
        with premises() as place:
            for drill in shared:
                yield from drill(place)
    for name, alone in ALONE.items():
        if name in wanted:
            yield from alone()


def main(names: list[str]) -> int:
    """Do what the command line asks."""
    if unknown := set(names) - SHARED.keys() - ALONE.keys():
        print(f"There is no drill {', '.join(sorted(unknown))}; there are {', '.join([*SHARED, *ALONE])}.")
        return 2
    is_well = True
    for figure in figures_of(names):
        print(figure, flush=True)
        is_well = is_well and figure.is_well
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
