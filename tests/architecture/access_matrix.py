"""Print who hears what at every address, from the table that every test run holds to the running portal.

make access-matrix                                   as CSV
make access-matrix FORMAT=md                         as a Markdown table
"""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Final

import django

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLES: Final = {
    "": "not signed in",
    "amir": "agent",
    "asha": "agent of another team",
    "mei": "reviewer",
    "dana": "approver",
    "viktor": "manager",
    "vera": "director",
    "lena": "finance",
    "sam": "quality",
    "ada": "auditor",
    "root": "administrator",
    "bot": "service account",
    "nobody": "no role",
    "zeus": "superuser",
}
"""Whose answer stands for which role; those left out hold the same one."""


def lines() -> Iterator[list[str]]:
    """Write a head, then a line for each method of each address; HEAD is answered as GET."""
    from .access_table import rows  # noqa: PLC0415 - the addresses are known once Django is
    from .walking import ROUTES  # noqa: PLC0415 - as above

    yield ["address", "name", "method", *ROLES.values()]
    for method, name, told in sorted(rows(), key=lambda row: (ROUTES[row[1]], row[0])):
        asked = "GET, HEAD" if method == "GET" else method
        yield [f"/{ROUTES[name].lstrip('^')}", name, asked, *(str(told[who]) for who in ROLES)]


def main(form: str) -> None:
    """Write it all to standard output."""
    django.setup()
    if form == "csv":
        csv.writer(sys.stdout).writerows(lines())
        return
    for place, line in enumerate(lines()):
        sys.stdout.write(f"| {' | '.join(line)} |\n")
        if place == 0:
            sys.stdout.write("|---" * len(line) + "|\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "csv")
