"""The leakage page over real credit notes says what plain Python makes of the files.

The data is not part of the project; without `../shared/data` this is skipped.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from datetime import datetime, timedelta
from html import unescape
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from analytics.rollups.following import catch_up
from config.demo.people import person, settle_people, settle_policies
from config.demo.sandbox import SandboxDesk
from refunds.gateways.registry import standing_in
from tests.harness.world import NOON

from .test_real_returns import DATA, LARGEST, cut_export, sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.refunds.gateways.stage import SandboxProcess

__all__ = ["sandbox"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data/online_retail is not there"),
]

USUAL, LATE, TOO_LATE = 20, 12, 4
WINDOW, READ_AFTER, GRANTED = timedelta(days=30), timedelta(minutes=30), timedelta(days=60)
BLOCKED_ABOVE_MINOR = 5_000_00
YEAR = "from=2010-12-01&to=2011-12-31"


class Back(NamedTuple):
    """One return as the files tell it: when it was sold and credited, and what could be asked for."""

    credit_note: str
    sold_at: datetime
    credited_at: datetime
    minor: int

    @property
    def is_late(self) -> bool:
        """Whether a person has to grant an exception."""
        return self.credited_at - self.sold_at > WINDOW

    @property
    def is_refunded(self) -> bool:
        """Whether money went back under the rules of the replay; who is late is judged when the reviewer reads it."""
        judged_at = self.credited_at + READ_AFTER * self.is_late
        return self.minor <= BLOCKED_ABOVE_MINOR and judged_at - self.sold_at <= GRANTED


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def everything_back() -> list[Back]:
    """Read all goods that came back on a known order, one for each credit note and order, in the file's order."""
    sold = {row["order_id"]: datetime.fromisoformat(row["placed_at"]) for row in rows_of("orders")}
    prices = {(row["order_id"], row["line_no"]): int(row["unit_price_minor"]) for row in rows_of("order_lines")}
    lines: dict[tuple[str, str, datetime], dict[str, list[int]]] = {}
    for row in rows_of("returns"):
        if row["kind"] == "goods" and row["order_id"]:
            key = row["credit_note_id"], row["order_id"], datetime.fromisoformat(row["credited_at"])
            line = lines.setdefault(key, {}).setdefault(row["order_line_no"], [0, 0])
            line[0] += int(row["quantity"])
            line[1] += int(row["amount_minor"])
    return [
        Back(note, sold[order], at, sum(min(minor, count * prices[order, no]) for no, (count, minor) in theirs.items()))
        for (note, order, at), theirs in lines.items()
    ]


def chosen() -> list[str]:
    """Choose credit notes: the first, some that came late, some far too late, and the largest."""
    known = [one for one in everything_back() if one.minor > 0]
    late = [one.credit_note for one in known if one.is_late and one.is_refunded]
    too_late = [one.credit_note for one in known if one.is_late and not one.is_refunded]
    # Spread over the year, so that the trend has months.
    apart = late[:: max(len(late) // LATE, 1)][:LATE]
    return [*islice(dict.fromkeys(one.credit_note for one in known), USUAL), *apart, *too_late[:TOO_LATE], LARGEST]


def running(weights: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Order by weight and say the running share in whole percent."""
    whole, before, found = sum(weights.values()), 0, {}
    for label, weight in sorted(weights.items(), key=lambda one: -one[1]):
        before += weight
        found[label] = weight, round(100 * before / whole)
    return found


def page_of(basis: str) -> str:
    client = Client()
    client.force_login(person("lena"))
    answer = client.get(f"/insight/leakage/?basis={basis}&{YEAR}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def table_of(page: str, label: str) -> dict[str, tuple[int, int, int]]:
    """Read the requests, the leakage and the refunded money of each row of a table."""
    table = re.search(rf'<table[^>]*aria-label="{re.escape(label)}".*?</table>', page, re.DOTALL)
    assert table is not None, label
    found = {}
    heads = [
        strip_tags(head).strip() for head in re.findall(r"<th[ >].*?</th>", table[0].split("<tbody>")[0], re.DOTALL)
    ]
    for name, cells in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table[0], re.DOTALL):
        told = [strip_tags(cell).strip() for cell in re.findall(r"<td.*?</td>", cells, re.DOTALL)]
        row = dict(zip(heads[1:], told, strict=True))
        found[name] = int(row["Requests"].replace(",", "")), minor(row["Leakage"]), minor(row["Refunded"])
    return found


def minor(printed: str) -> int:
    return int(re.sub(r"[^0-9]", "", printed) or "0")


def marks_of(page: str, name: str) -> dict[str, tuple[int, int]]:
    """Read the weight and the running share of each bar of a Pareto chart."""
    svg = re.search(rf'<svg class="chart wide"[^>]*aria-label="{re.escape(name)}".*?</svg>', page, re.DOTALL)
    assert svg is not None, name
    titles = re.findall(r"<title>([^<]*): ([^<:]*), running share (\d+) %</title>", svg[0])
    return {label: (minor(said), int(share)) for label, said, share in titles}


class TestRealLeakage:
    """Returns in time, late and far too late, and the largest of all."""

    @pytest.fixture
    def refunded(self, db: None, sandbox: SandboxProcess, tmp_path: Path) -> Sequence[Back]:
        """Replay them, and answer which of them the files say were paid."""
        notes = chosen()
        settle_people(at=NOON)
        settle_policies(at=NOON)
        with standing_in("stripe", SandboxDesk().gateway):
            export = str(cut_export(tmp_path / "export", first=0, also=notes))
            call_command("import_orders", export, channel="shop-uk", team="uk-retail", stdout=StringIO())
        said = StringIO()
        call_command("replay_returns", str(DATA), limit=0, also=notes, stdout=said)
        assert said.getvalue().splitlines()[-1] == "Every penny is accounted for."
        catch_up(at=timezone.now())
        return [one for one in everything_back() if one.credit_note in notes and one.minor > 0 and one.is_refunded]

    def test_shows_the_trend_and_the_pareto_that_the_files_make(self, refunded: Sequence[Back]) -> None:
        leaked = {True: 0, False: 0}
        for one in refunded:
            leaked[one.is_late] += 1
        assert leaked[True] >= LATE
        assert leaked[False] >= USUAL

        for basis in ("refund", "sale"):
            page = page_of(basis)
            months = defaultdict[str, list[int]](lambda: [0, 0, 0])
            for one in refunded:
                day = one.sold_at if basis == "sale" else one.credited_at
                cell = months[f"{day:%b %Y}"]
                cell[:] = [cell[0] + 1, cell[1] + one.minor * one.is_late, cell[2] + one.minor]
            assert len(months) > 3
            assert table_of(page, "Leakage per month, GBP") == {name: tuple(cell) for name, cell in months.items()}
            whole = [sum(cell[place] for cell in months.values()) for place in range(3)]
            assert table_of(page, "By reason") == {"Changed mind": tuple(whole)}
            by_code = {"Return window expired": whole[1]}, {"Return window expired": leaked[True]}
            for words, weights in zip(("money", "requests"), by_code, strict=True):
                assert marks_of(page, f"Leakage by code, by {words}, GBP") == running(weights)
