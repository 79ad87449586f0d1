"""Real credit notes of a real shop, from their orders to the reconciled refund.

The data is not part of the project; without `../shared/data` this is skipped.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import UTC, date
from io import StringIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from analytics.leakage import figures
from analytics.leakage.asking import Ask
from analytics.rollups.following import catch_up
from analytics.rollups.recounting import compare
from config.demo import replay
from config.demo.people import person, settle_people, settle_policies
from config.demo.returns import goods_returns, of_the_first, read_returns
from config.demo.sandbox import SandboxDesk
from config.demo.to_zero import faults_of_books
from config.kernel.outbox import OutboxRow, drain
from evidence.models import LedgerEntry
from refunds.gateways.registry import standing_in
from refunds.models import Operation, Payment, ProcessorPayout, RefundRequest, StatementLine
from refunds.money_trail.links import LinkState
from refunds.money_trail.trail import trail_of
from refunds.processing.performing import perform_operation
from refunds.reconciliation.importing import upload_statement
from refunds.reconciliation.selectors import Period, totals
from refunds.vocabulary import State
from tests.harness.world import NOON
from tests.refunds.gateways.stage import SandboxProcess
from tests.refunds.journal.lines import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_django.fixtures import Settings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail"
FIRST, LARGEST = 60, "C541433"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data/online_retail is not there"),
]


@pytest.fixture
def sandbox(tmp_path: Path, settings: Settings) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path / "books")
    process.start()
    settings.STRIPE_API_BASE = process.address
    yield process
    process.stop()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Cut the export down to the orders that these credit notes are about."""
    return cut_export(tmp_path / "export", first=FIRST, also=[LARGEST])


def cut_export(folder: Path, *, first: int, also: Sequence[str]) -> Path:
    """Write the orders that some credit notes are about into a new folder."""
    lines = of_the_first(read_returns(DATA / "returns.csv.gz"), first, also=also)
    wanted = {goods.order for goods in goods_returns(lines)}
    folder.mkdir()
    for name in ("orders", "order_lines"):
        with (
            gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as source,
            (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as target,
        ):
            rows = csv.DictReader(source)
            writer = csv.DictWriter(target, rows.fieldnames or [])
            writer.writeheader()
            writer.writerows(row for row in rows if row["order_id"] in wanted)
    return folder


def replayed(**options: object) -> list[str]:
    said = StringIO()
    call_command("replay_returns", str(DATA), limit=FIRST, also=[LARGEST], stdout=said, **options)
    return said.getvalue().splitlines()


def row_of(table: list[str], name: str) -> tuple[int, str]:
    """Read one row: how many, and the printed sum."""
    row = next(line for line in table if line.strip().startswith(name))
    number, printed = row.split()[-2:]
    return int(number.replace(",", "")), printed


class TestRealReturns:
    """The first sixty credit notes and the largest one."""

    @pytest.fixture
    def shop(self, db: None, sandbox: SandboxProcess, orders: Path) -> SandboxProcess:
        """Load the orders, and the sandbox with their payments."""
        settle_people(at=NOON)
        settle_policies(at=NOON)
        with standing_in("stripe", SandboxDesk().gateway):
            call_command("import_orders", str(orders), channel="shop-uk", team="uk-retail", stdout=StringIO())
        return sandbox

    def test_tie_with_the_file_and_the_books_stop_the_largest_and_come_only_once(self, shop: SandboxProcess) -> None:
        table = replayed()
        assert table[-1] == "Every penny is accounted for."
        assert row_of(table, "Lines of the file") == (149, "£81,728.51")
        assert row_of(table, "exception: no matching purchase") == (123, "£3,877.36")
        assert row_of(table, "blocked") == (1, "£77,183.60")
        assert row_of(table, "reconciled") == row_of(table, "Refunded by the sandbox's own books")
        largest = RefundRequest.objects.get(note=f"Credit note {LARGEST}.")
        assert largest.state == State.BLOCKED
        assert not largest.operations.exists()
        payment = Payment.objects.get(refund_requests=largest)
        assert (payment.refunded_minor, payment.reserved_minor) == (0, 0)
        theirs = {refund["metadata"]["operation_id"]: refund["amount"] for refund in shop.books()["refunds"]}
        ours = {str(operation.pk): operation.amount_minor for operation in Operation.objects.all()}
        assert theirs == ours
        assert sum(Payment.objects.values_list("refunded_minor", flat=True)) == sum(theirs.values())
        assert not OutboxRow.objects.exists()

        before = LedgerEntry.objects.count(), shop.books()["refunds"]
        assert replayed() == table
        assert (LedgerEntry.objects.count(), shop.books()["refunds"]) == before

    def test_make_a_trend_and_a_pareto_that_plain_python_makes_too(self, shop: SandboxProcess) -> None:
        replayed()
        catch_up(at=timezone.now())
        lena = person("lena")
        trend, pareto = defaultdict[date, list[int]](lambda: [0, 0, 0]), defaultdict[str, list[int]](lambda: [0, 0, 0])
        for request in RefundRequest.objects.select_related("payment", "decision"):
            if request.refunded_at is None or request.payment is None or request.decision is None:
                continue
            leaked = max(request.amount_minor - request.decision.allowed_minor, 0)
            sold_on = request.payment.captured_at.astimezone(UTC).date()
            for cell in (trend[sold_on], pareto[request.reason_id or ""]):
                cell[:] = [cell[0] + 1, cell[1] + request.amount_minor, cell[2] + leaked]
        assert len(trend) > 3
        assert sum(cell[1] for cell in trend.values()) == sum(
            refund["amount"] for refund in shop.books()["refunds"] if refund["status"] == "succeeded"
        )

        found = {
            day: [[line.count, line.sums["refunded_minor"], line.leakage_minor] for line in figures.totals(lena, ask)]
            for day in trend
            for ask in [Ask(from_on=day, to_on=day, basis="sale")]
        }
        whole = Ask(from_on=date(2009, 1, 1), to_on=timezone.now().date(), basis="sale")
        reasons = figures.by_dimension(lena, whole, "reason")

        assert found == {day: [cell] for day, cell in trend.items()}
        assert {line.value: [line.count, line.sums["refunded_minor"], line.leakage_minor] for line in reasons} == pareto
        heaviest_first = sorted(((cell[2], cell[1]) for cell in pareto.values()), reverse=True)
        assert [(line.leakage_minor, line.sums["refunded_minor"]) for line in reasons] == heaviest_first
        assert compare().differences == ()

    def test_reconcile_to_zero_by_a_payout_down_to_the_bank(self, shop: SandboxProcess) -> None:
        table = replayed(to_zero=True)
        assert table[-1] == "Every penny is accounted for."
        lena, payout = person("lena"), ProcessorPayout.objects.get()
        paid = RefundRequest.objects.filter(operations__isnull=False)
        assert set(paid.values_list("state", flat=True)) == {State.RECONCILED}
        [total] = totals(lena, Period())
        assert (total.difference.minor, total.matched_count) == (0, paid.count())
        assert faults_of_books(lena) == []
        lines = StatementLine.objects.count()

        gateway = shop.gateway()
        report = SimpleUploadedFile("payout.csv", gateway.report_of_payout(payout.external_id))
        upload_statement(file=report, actor=lena, at=timezone.now())
        drain()
        assert StatementLine.objects.count() == lines

        line_of("payout", payout.amount_minor, account="bank", payout_ref=payout.external_id, own_account="GB33")
        for one in paid:
            trail = trail_of(lena, one, at=timezone.now())
            states = {link.title: link.state for link in trail.ways[0].links}
            assert states.pop("Period") is LinkState.WAITS
            assert set(states.values()) == {LinkState.HOLDS}, one

    def test_go_on_where_a_killed_run_stopped(self, shop: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = count(1)

        def killed_at_the_fifth(**words: Any) -> bool:
            if next(calls) == 5:
                raise KeyboardInterrupt
            return perform_operation(**words)

        with monkeypatch.context() as patch:
            patch.setattr(replay, "perform_operation", killed_at_the_fifth)
            with pytest.raises(KeyboardInterrupt):
                replayed()
        assert RefundRequest.objects.filter(state=State.APPROVED).count() == 1
        table = replayed()
        assert table[-1] == "Every penny is accounted for."
        assert row_of(table, "Requests")[0] == RefundRequest.objects.count() == 17

    def test_are_not_well_while_orders_are_missing(self, shop: SandboxProcess) -> None:
        said = StringIO()
        with pytest.raises(SystemExit, match="1"):
            call_command("replay_returns", str(DATA), limit=FIRST + 60, stdout=said)
        assert "load them with import_orders first" in said.getvalue()


class TestReplayWithout:
    """Clear answers where something is missing."""

    def test_orders_names_the_command_that_loads_them(self, db: None) -> None:
        with pytest.raises(CommandError, match="import_orders"):
            replayed()
