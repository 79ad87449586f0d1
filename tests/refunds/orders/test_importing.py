"""Orders as shops export them, many at once."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, cast

import pytest
from django.core.management import CommandError, call_command

from config.kernel.people import Team
from refunds.gateways.base import CapturedPayment, GatewayUnreachable
from refunds.gateways.registry import standing_in
from refunds.models import Customer, Order, OrderLine, Payment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from refunds.gateways.base import PaymentGateway

ORDERS = """order_id,customer_id,placed_at,currency,country,line_count,gross_minor
1001,17850,2011-06-01 08:26:00,GBP,United Kingdom,2,2220
1002,,2010-12-01 08:28:00,GBP,EIRE,1,100
1003,17850,2010-12-02 09:00:00,GBP,United Kingdom,1,0
"""
LINES = """order_id,line_no,sku,quantity,unit_price_minor
1001,1,85123A,6,255
1001,2,71053,2,345
1002,1,85123A,1,100
1003,1,GIFT,1,0
"""
PRODUCTS = """sku,kind,description
85123A,goods,"HANGING HEART, WHITE"
GIFT,gift_voucher,Voucher
"""


class Listener:
    """A sandbox that notes what it is told."""

    name = "stripe"
    is_up = True

    def __init__(self) -> None:
        self.told: list[CapturedPayment] = []

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        if not self.is_up:
            raise GatewayUnreachable("down")
        self.told.extend(payments)


@pytest.fixture
def sandbox() -> Iterator[Listener]:
    listener = Listener()
    with standing_in("stripe", cast("PaymentGateway", listener)):
        yield listener


@pytest.fixture
def export(tmp_path: Path) -> Path:
    for name, text in {"orders": ORDERS, "order_lines": LINES, "products": PRODUCTS}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def run(*paths: object, expect: int = 0, **options: object) -> str:
    """Run the command and answer what it said; a refusal ends it with `expect`."""
    said = StringIO()
    words = {"channel": "shop-uk", "team": "uk-retail", "stdout": said, "stderr": said, **options}
    if expect:
        with pytest.raises(SystemExit, match=str(expect)):
            call_command("import_orders", *map(str, paths), **words)
    else:
        call_command("import_orders", *map(str, paths), **words)
    return said.getvalue()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Order, OrderLine, Payment, Customer))


@pytest.mark.usefixtures("uk")
class TestImportOrders:
    def test_loads_orders_with_lines_titles_and_payments(self, export: Path, sandbox: Listener) -> None:
        said = run(export)
        assert "3 orders read: 3 new with 4 lines" in said
        assert counts() == (3, 4, 2, 1)
        line = OrderLine.objects.get(order__external_id="1001", line="1")
        assert (line.title, line.category, line.quantity, line.unit_price_minor) == (
            "HANGING HEART, WHITE",
            "goods",
            6,
            255,
        )
        payment = Payment.objects.get(order__external_id="1001")
        assert (payment.external_id, payment.captured_minor) == ("pi_shop-uk_1001", 2220)

    def test_reads_times_in_the_zone_of_the_team(self, export: Path, sandbox: Listener) -> None:
        run(export)
        in_summer, in_winter = (Order.objects.get(external_id=name).placed_at for name in ("1001", "1002"))
        assert in_summer == datetime(2011, 6, 1, 7, 26, tzinfo=UTC)
        assert in_winter == datetime(2010, 12, 1, 8, 28, tzinfo=UTC)

    def test_leaves_an_order_without_customer_and_one_without_price(self, export: Path, sandbox: Listener) -> None:
        run(export)
        assert Order.objects.get(external_id="1002").customer is None
        assert not Order.objects.get(external_id="1003").payments.exists()

    def test_calls_a_voucher_what_the_policy_calls_it(self, export: Path, sandbox: Listener) -> None:
        run(export)
        assert OrderLine.objects.get(sku="GIFT").category == "gift_card"

    def test_tells_the_sandbox_about_the_payments(self, export: Path, sandbox: Listener) -> None:
        run(export)
        assert {(one.external_id, one.amount_minor) for one in sandbox.told} == {
            ("pi_shop-uk_1001", 2220),
            ("pi_shop-uk_1002", 100),
        }

    def test_says_when_the_sandbox_does_not_answer_and_loads_all_the_same(
        self, export: Path, sandbox: Listener
    ) -> None:
        sandbox.is_up = False
        assert "The sandbox did not answer" in run(export)
        assert counts() == (3, 4, 2, 1)

    def test_changes_nothing_the_second_time(self, export: Path, sandbox: Listener) -> None:
        run(export)
        said = run(export)
        assert "0 new with 0 lines, 0 rows changed, 0 rows refused" in said
        assert counts() == (3, 4, 2, 1)

    def test_completes_what_a_crash_left_out(self, export: Path, sandbox: Listener) -> None:
        run(export)
        Payment.objects.get(order__external_id="1001").delete()
        OrderLine.objects.filter(order__external_id="1001", line="2").delete()
        Payment.objects.get(order__external_id="1002").delete()
        Order.objects.get(external_id="1002").delete()
        assert "1 new with 2 lines" in run(export)
        assert counts() == (3, 4, 2, 1)

    def test_reads_packed_files_with_a_byte_order_mark_and_columns_in_any_order(
        self, tmp_path: Path, sandbox: Listener
    ) -> None:
        (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + ORDERS.encode()))
        turned = "\r\n".join(",".join(reversed(row.split(","))) for row in LINES.splitlines())
        (tmp_path / "order_lines.csv.gz").write_bytes(gzip.compress(turned.encode()))
        assert "3 new with 4 lines" in run(tmp_path / "orders.csv.gz", tmp_path / "order_lines.csv.gz")

    @pytest.mark.parametrize(
        ("file", "row", "where"),
        [
            ("orders", "1004,,2010-13-01 08:00:00,GBP,X,1,5", "orders, line 5: “2010-13-01 08:00:00” is not a time"),
            ("orders", "1004,,01/12/2010 08:00,GBP,X,1,5", "orders, line 5: “01/12/2010 08:00” is not a time"),
            ("orders", "1004,,2010-12-01 08:00:00,GBQ,X,1,5", "orders, line 5: There is no currency “GBQ”"),
            ("orders", "1004,,2010-12-01 08:00:00,GBP,X,1,-5", "orders, line 5: “-5” is not an amount"),
            ("orders", "1004,,2010-12-01 08:00:00,GBP,X,1,1.50", "orders, line 5: “1.50” is not an amount"),
            (
                "orders",
                "1004,,2010-12-01 08:00:00,GBP,X,1,5",
                "orders, line 5: Order 1004 says 1 lines and a gross of 5",
            ),
            ("orders", "1001,,2010-12-01 08:00:00,GBP,X,2,2220", "orders, line 5: Order 1001 is there twice"),
            ("orders", ",,2010-12-01 08:00:00,GBP,X,1,5", "orders, line 5: An order needs an id"),
            ("order_lines", "9999,1,A,1,5", "order_lines, line 6: Order 9999 is not among the orders"),
            ("order_lines", "1002,2,A,0,5", "order_lines, line 6: “0” is not a quantity"),
            ("order_lines", "1002,2,A,-3,5", "order_lines, line 6: “-3” is not a quantity"),
            ("order_lines", "1002,2,A,1,-5", "order_lines, line 6: “-5” is not a price"),
            ("order_lines", "1002,2,A,99999999999,5", "order_lines, line 6: “99999999999” is not a quantity"),
            ("order_lines", "1002,1,A,1,5", "order_lines, line 6: Line 1 of order 1002 is there twice"),
            ("order_lines", "1002,2,,1,5", "order_lines, line 6: A line needs a sku"),
        ],
    )
    def test_refuses_a_row_by_file_and_line_and_takes_the_rest(
        self, export: Path, sandbox: Listener, file: str, row: str, where: str
    ) -> None:
        with (export / f"{file}.csv").open("a", encoding="utf-8") as stream:
            stream.write(row + "\n")
        report = export / "report.csv"
        assert where in run(export, expect=1, report=report)
        assert where.partition(": ")[2] in report.read_text(encoding="utf-8")
        assert Order.objects.filter(external_id="1003").exists()
        assert not Order.objects.filter(external_id="1004").exists()

    def test_refuses_an_order_whole_when_one_of_its_lines_is_refused(self, export: Path, sandbox: Listener) -> None:
        (export / "order_lines.csv").write_text(LINES.replace("71053,2,345", "71053,two,345"), encoding="utf-8")
        assert "A line of order 1001 was refused, and with it the order" in run(export, expect=1)
        assert not Order.objects.filter(external_id="1001").exists()
        assert counts() == (2, 2, 1, 0) or counts() == (2, 2, 1, 1)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "is empty"),
            (b"order_id,customer_id\n1,2\n", "has no column placed_at"),
            (ORDERS.replace(",", ";").encode(), "has no column"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "not a CSV file"),
            (ORDERS.encode("utf-16"), "not a CSV file"),
            (ORDERS.replace("EIRE", "Côte").encode("latin-1"), "orders.csv, line 3 is not CSV in UTF-8"),
            (ORDERS.replace("EIRE", "EI\x00RE").encode(), "orders.csv, line 3 is not CSV in UTF-8"),
            (ORDERS.encode() + b"1004,,2010\n", "orders.csv, line 5 is not CSV"),
            (ORDERS.encode() + b'1004,"', "is not CSV"),
            (gzip.compress(ORDERS.encode() * 50)[:-40], "cut off or damaged"),
            (b"\x1f\x8b\x08\x00garbage", "cut off or damaged"),
            (ORDERS.replace("customer_id", "order_id", 1).encode(), "has no column customer_id"),
        ],
    )
    def test_writes_nothing_of_a_broken_file(
        self, export: Path, sandbox: Listener, content: bytes, sentence: str
    ) -> None:
        (export / "orders.csv").write_bytes(content)
        with pytest.raises(CommandError, match=sentence):
            run(export)
        assert counts() == (0, 0, 0, 0)

    def test_names_a_missing_file_and_an_unknown_team(self, tmp_path: Path, export: Path) -> None:
        (export / "order_lines.csv").unlink()
        with pytest.raises(CommandError, match=r"no order_lines\.csv"):
            run(export)
        with pytest.raises(CommandError, match="does not exist"):
            run(tmp_path / "nowhere")
        with pytest.raises(CommandError, match="no team “mars”"):
            run(export, team="mars")

    def test_leaves_an_order_of_another_team_alone(self, export: Path, sandbox: Listener) -> None:
        run(export)
        Team.objects.create(slug="other", name="Other", currency="GBP")
        assert "Order 1001 belongs to another team" in run(export, expect=1, team="other")

    def test_lowers_nothing_that_was_sold(self, export: Path, sandbox: Listener) -> None:
        run(export)
        (export / "orders.csv").write_text(ORDERS.replace("2,2220", "1,1530"), encoding="utf-8")
        (export / "order_lines.csv").write_text(LINES.replace("1001,2,71053,2,345\n", ""), encoding="utf-8")
        assert "Order 1001 was sold with line 2" in run(export, expect=1)
        assert OrderLine.objects.filter(order__external_id="1001").count() == 2
