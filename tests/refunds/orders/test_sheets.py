"""Orders as a CSV anybody can write: all of it or nothing, checked first if wanted, and twice is once."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from config.kernel.refusals import NotPermitted, Refused
from refunds.models import Customer, Order, OrderLine, Payment
from refunds.orders.sheet import OPTIONAL, REQUIRED
from refunds.orders.taking_sheets import check_sheet, take_sheet
from tests.architecture.asking import client_of
from tests.harness.people import settle
from tests.harness.tables import fingerprints

if TYPE_CHECKING:
    from pathlib import Path

    from tests.harness.world import World

pytestmark = pytest.mark.django_db

HEADER = (
    "order_id,placed_at,currency,line,sku,quantity,unit_price,title,shipping,customer_id,customer_name,"
    "payment_gateway,payment_id,payment_amount,final_sale"
)
FIRST = 'A1,2026-11-01T10:00:00Z,GBP,1,LAMP,2,20.50,"Lamp, red",4.00,C1,Carla Crane,stripe,pi_a1,"1,045.00",no'
SECOND = "A1,,GBP,2,DESK,1,1000,Desk,,,,,,,yes"
OTHER = "A2,2026-11-02 09:30,GBP,1,LAMP,1,20.50,,,,,,,,"


@pytest.fixture(autouse=True)
def lena_is_there(world: World) -> None:
    """Let Lena be settled before anything is compared."""
    settle("lena")


def sheet(*rows: str, header: str = HEADER) -> bytes:
    """Write a file."""
    return "\r\n".join([header, *rows, ""]).encode()


GOOD = sheet(FIRST, SECOND, OTHER)


def take(world: World, content: bytes, **more: Any) -> Any:
    """Let Lena take a file in."""
    return take_sheet(content=content, channel="shop-uk", team=world.team(), actor=settle("lena"), **more)


class TestASheet:
    def test_is_taken_in_in_minor_units(self, world: World) -> None:
        report = take(world, GOOD)

        assert (report.order_count, report.new_count, report.line_count) == (2, 2, 3)
        order = Order.objects.get(external_id="A1")
        assert (order.team, order.currency, order.shipping_minor) == (world.team(), "GBP", 4_00)
        assert order.placed_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
        lines = order.lines.order_by("pk").values_list("line", "sku", "quantity", "unit_price_minor", "final_sale")
        assert list(lines) == [("1", "LAMP", 2, 20_50, False), ("2", "DESK", 1, 1000_00, True)]
        payment = Payment.objects.get()
        assert (payment.external_id, payment.captured_minor, payment.captured_at) == ("pi_a1", 1045_00, order.placed_at)
        assert Customer.objects.get().name == "Carla Crane"
        assert not Order.objects.get(external_id="A2").payments.exists()

    def test_twice_adds_nothing(self, world: World) -> None:
        take(world, GOOD)
        before = fingerprints()

        assert take(world, GOOD).new_count == 0

        assert fingerprints() == before

    def test_checked_first_keeps_nothing(self, world: World) -> None:
        before = fingerprints()

        report = check_sheet(content=GOOD, channel="shop-uk", team=world.team(), actor=settle("lena"))

        assert (report.order_count, report.new_count) == (2, 2)
        assert fingerprints() == before

    @pytest.mark.parametrize(
        ("rows", "told"),
        [
            ([FIRST.replace("GBP", "XQX"), OTHER], "Line 2: There is no currency"),
            ([OTHER, FIRST.replace("20.50", "20.505")], "Line 3: unit_price"),
            ([FIRST.replace(",2,20.50", ",0,20.50"), OTHER], "Line 2: Line 1 needs a quantity"),
            ([FIRST.replace(",2,20.50", ",two,20.50")], "Line 2: “two” is no quantity."),
            ([FIRST, SECOND.replace(",2,DESK", ",1,DESK")], "Line 3: Line 1 is there twice."),
            ([FIRST, SECOND.replace("GBP", "EUR")], "Line 3: currency differs from line 2"),
            ([FIRST.replace("2026-11-01T10:00:00Z", "soon")], "Line 2: placed_at"),
            ([FIRST.replace("stripe", "nobody")], "Line 2: No gateway is called"),
            ([FIRST.replace("pi_a1", "")], "Line 2: A payment needs"),
            ([FIRST.replace(",no", ",perhaps")], "Line 2: final_sale is yes or no."),
            ([FIRST.replace("-20", "x"), OTHER, "A3,,"], "Line 4 has 3 cells"),
            ([OTHER.replace("20.50", "-20.50")], "Line 2: The price of line 1 cannot be negative."),
            ([], "The file holds no order."),
            (['A1,"2026'], "is no CSV"),
        ],
    )
    def test_with_one_fault_is_refused_whole_by_its_line(self, world: World, rows: list[str], told: str) -> None:
        before = fingerprints()

        with pytest.raises(Refused) as no:
            take(world, sheet(*rows))

        assert told in " ".join(reason.detail for reason in no.value.reasons)
        assert fingerprints() == before

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"order_id\r\n1", b"a\x00b", GOOD.replace(b"sku", b"skew")])
    def test_that_is_none_is_refused(self, world: World, content: bytes) -> None:
        with pytest.raises(Refused):
            take(world, content)

        assert not Order.objects.exists()

    def test_names_every_fault_at_once(self, world: World) -> None:
        with pytest.raises(Refused) as no:
            take(world, sheet(FIRST.replace("20.50", "x"), OTHER.replace("20.50", "y")))

        assert [reason.detail[:7] for reason in no.value.reasons] == ["Line 2:", "Line 3:"]

    def test_never_lowers_what_went_back(self, world: World) -> None:
        take(world, GOOD)
        OrderLine.objects.filter(sku="DESK").update(refunded_quantity=1)
        Payment.objects.update(refunded_minor=1000_00)
        before = fingerprints()

        with pytest.raises(Refused) as no:
            take(world, GOOD.replace(b"1,045.00", b"10.00"))

        assert "went back or is asked for" in no.value.reasons[0].detail
        assert fingerprints() == before

    def test_is_for_those_who_may_send_orders(self, world: World) -> None:
        with pytest.raises(NotPermitted):
            take_sheet(content=GOOD, channel="shop-uk", team=world.team(), actor=settle("amir"))

        assert not Order.objects.exists()

    def test_longer_than_a_page_takes_is_for_the_command(self, world: World) -> None:
        with pytest.raises(Refused, match="import_order_sheet"):
            take(world, GOOD, most_rows=2)


class TestThePage:
    def post(self, world: World, content: bytes, **more: str) -> Any:
        """Choose a file and press a button."""
        file = SimpleUploadedFile("orders.csv", content, "text/csv")
        typed = {"file": file, "channel": "shop-uk", "team": world.team().pk, **more}
        return client_of(settle("lena")).post(reverse("refunds:upload_orders"), typed)

    def test_checks_first_and_then_takes_in(self, world: World) -> None:
        checked = self.post(world, GOOD, check="1")
        assert "2 orders with 3 positions, 2 of them new" in checked.text
        assert not Order.objects.exists()

        assert self.post(world, GOOD).status_code == 302
        assert Order.objects.count() == 2

    def test_shows_every_line_that_is_refused(self, world: World) -> None:
        answer = self.post(world, sheet(FIRST.replace("GBP", "XQX"), OTHER.replace("20.50", "x")))

        assert answer.status_code == 422
        assert "Line 2: There is no currency" in answer.text
        assert "Line 3: unit_price" in answer.text
        assert not Order.objects.exists()

    def test_names_every_column(self, world: World) -> None:
        page = client_of(settle("lena")).get(reverse("refunds:upload_orders")).text

        assert all(f"<code>{name}</code>" in page for name in (*REQUIRED, *OPTIONAL))


class TestTheCommand:
    def run(self, path: Path, *more: str) -> str:
        """Run it."""
        out = StringIO()
        names = ("--channel", "shop-uk", "--team", "uk-retail", "--by", "lena")
        call_command("import_order_sheet", str(path), *names, *more, stdout=out, stderr=out)
        return out.getvalue()

    def test_takes_a_file_in_once_it_was_checked(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_bytes(GOOD)
        settle("lena")

        assert "Would take in 2 orders with 3 positions; 2 are new." in self.run(path, "--check")
        assert not Order.objects.exists()
        assert "Took in 2 orders" in self.run(path)
        assert "0 are new" in self.run(path)

    def test_fails_with_every_fault(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "orders.csv"
        path.write_bytes(sheet(FIRST.replace("GBP", "XQX")))
        settle("lena")

        with pytest.raises(CommandError, match="Nothing was taken in: "):
            self.run(path)

        assert not Order.objects.exists()
