"""Run drills and print a line of figures for each; exit status 1 when one lost or doubled something."""

from __future__ import annotations

import sys

from .killing import kill_each
from .poison import poison
from .premises import premises
from .slowing import slow_the_disk

DRILLS = {"kill": kill_each, "poison": poison, "slow_disk": slow_the_disk}


def main(names: list[str]) -> int:
    """Do what the command line asks."""
    if unknown := set(names) - DRILLS.keys():
        print(f"There is no drill {', '.join(sorted(unknown))}; there are {', '.join(DRILLS)}.")
        return 2
    is_well = True
    with premises() as place:
        for name, drill in DRILLS.items():
            if names and name not in names:
                continue
            for figure in drill(place):
                print(figure, flush=True)
                is_well = is_well and figure.is_well
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
