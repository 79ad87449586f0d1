"""Print who hears what at every address, from the tables that every test run holds to the running portal.

Of the admin site it says what somebody hears who was let into it; whoever was not hears 403 everywhere.

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
    from .admin_table import lines as by_rule  # noqa: PLC0415 - as above
    from .walking import ROUTES  # noqa: PLC0415 - as above

    yield ["address", "name", "method", *ROLES.values()]
    for method, name, told in sorted(rows(), key=lambda row: (ROUTES[row[1]], row[0])):
        asked = "GET, HEAD" if method == "GET" else method
        yield [f"/{ROUTES[name].lstrip('^')}", name, asked, *(str(told[who]) for who in ROLES)]
    for line in by_rule().values():
        for method, right, status in (("GET, HEAD", line.get, line.get_status), ("POST", line.post, line.post_status)):
            told_staff = (str(_as_staff(role, right, status, is_of_team=line.is_of_team)) for role in ROLES.values())
            yield [f"/{ROUTES[f'admin:{line.name}'].lstrip('^')}", f"admin:{line.name}", method, *told_staff]


def _as_staff(role: str, right: str, status: int, *, is_of_team: bool) -> int:
    """Tell what the admin site answers to somebody who was let into it; whoever was not hears 403 everywhere."""
    from .admin_table import may  # noqa: PLC0415 - as above

    if role == ROLES[""]:
        return 302
    if role == ROLES["asha"]:
        return 404 if is_of_team else _as_staff("agent", right, status, is_of_team=False)
    return status if role != ROLES["bot"] and may(role, right) else 403


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
