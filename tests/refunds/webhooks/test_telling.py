"""A shop hears of our refunds: once, whatever answers are lost, without a penny moving, and knows them for ours."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kernel.refusals import NotPermitted, OutOfDate
from evidence.models import LedgerEntry
from policies.models import GovernedAction
from refunds.connectors import reading, telling
from refunds.connectors.telling import tell_shops
from refunds.gateways.base import Accepted, RefundStatus
from refunds.models import Operation, OrderLine, RefundRequest, ShopConnection, ShopNote, ShopRefund
from refunds.processing.performing import _claim
from refunds.processing.recording import record_outcome
from refunds.vocabulary import NoteState
from refunds.webhooks.polling import poll_shops
from tests.admin.desk import desk_of
from tests.admin.test_shops import verb
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant
from tests.refunds.outgoing.receivers import answer, drips, hangs, never_ends, resets

from .orders_of_shops import magento_order
from .shop import ORDER, connected, shop_server, work

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from config.kernel.people import User
    from tests.harness.world import World
    from tests.refunds.outgoing.receivers import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

FIELDS = f"/admin/api/2026-07/orders/{ORDER}/metafields.json"


class ShopifyDesk:
    """Keeps metafields, as Shopify does; may lose its answer after it wrote."""

    def __init__(self) -> None:
        """Begin with none."""
        self.fields: list[dict[str, Any]] = []
        self.loses_answers = 0

    def __call__(self, client: socket.socket, receiver: Receiver) -> None:
        """Answer one request."""
        heard = receiver.heard[-1]
        if not heard.head.split(" ")[1].startswith(FIELDS):
            client.sendall(answer("404 Not Found", b"{}"))
        elif heard.head.startswith("GET"):
            client.sendall(answer("200 OK", json.dumps({"metafields": self.fields}).encode()))
        else:
            self.fields.append({"id": 1000 + len(self.fields), **json.loads(heard.body)["metafield"]})
            if self.loses_answers:
                self.loses_answers -= 1
                resets(client, receiver)
            else:
                client.sendall(answer("201 Created", json.dumps({"metafield": self.fields[-1]}).encode()))


class MagentoDesk(ShopifyDesk):
    """Makes credit memos, as Magento does: it adds the amounts up by itself."""

    total = 100.00

    def __call__(self, client: socket.socket, receiver: Receiver) -> None:
        """Answer one request."""
        heard = receiver.heard[-1]
        path = heard.head.split(" ")[1]
        found: Any = None
        if path.startswith("/rest/V1/creditmemos?"):
            found = {"items": [{**one, "comments": None} for one in self.fields], "total_count": len(self.fields)}
        elif (named := re.match(r"/rest/V1/creditmemo/(\d+)", path)) is not None:
            found = next((one for one in self.fields if one["entity_id"] == int(named[1])), None)
        elif path == "/rest/V1/orders/5":
            found = magento_order(item={"row_total": 400, "tax_amount": 0, "discount_amount": 0, "qty_ordered": 4})
        elif path == "/rest/V1/order/5/refund":
            self.asked = json.loads(heard.body)
            found = self._memo(self.asked["comment"]["comment"])
            if self.loses_answers:
                self.loses_answers -= 1
                resets(client, receiver)
                return
        client.sendall(answer("200 OK" if found else "404 Not Found", json.dumps(found).encode()))

    def _memo(self, comment: str) -> int:
        named = 7 + len(self.fields)
        at = f"{timezone.now():%Y-%m-%d %H:%M:%S}"
        self.fields.append(
            {
                "entity_id": named,
                "order_id": 5,
                "state": 2,
                "grand_total": self.total,
                "order_currency_code": "GBP",
                "created_at": at,
                "updated_at": at,
                "comments": [{"comment": comment}],
            }
        )
        return named


def refund(world: World, *, order: str = ORDER) -> Operation:
    """Give 100.00 back for one of four lamps of an order of the shop."""
    request = world.approved(by=settle("amir"), approver=settle("dana"))
    type(order_of(request)).objects.filter(pk=order_of(request).pk).update(external_id=order)
    OrderLine.objects.filter(order=request.order_id).update(line="3")
    operation = Operation.objects.get(refund_request=request)
    _claim(operation_id=operation.pk, at=timezone.now())
    gone = Accepted(f"re_{request.reference}", RefundStatus.SUCCEEDED)
    record_outcome(operation_id=operation.pk, number=1, outcome=gone, at=timezone.now())
    operation.refresh_from_db()
    return operation


def tell() -> int:
    """Let the worker tell, the shop having rested."""
    ShopConnection.objects.update(next_read_at=None)
    return tell_shops(at=timezone.now())


@pytest.fixture
def desk() -> ShopifyDesk:
    """Have a shop that keeps what it is told."""
    return ShopifyDesk()


@pytest.fixture
def shop(world: World, desk: ShopifyDesk) -> Iterator[ShopConnection]:
    """Connect it, to hear of our refunds."""
    with shop_server(desk) as (api_base, _):
        yield connected(world, api_base=api_base, writes_back=True)[0]


class TestAShopifyShop:
    def test_hears_of_a_refund_once(self, world: World, shop: ShopConnection, desk: ShopifyDesk) -> None:
        operation = refund(world)

        assert [tell(), tell()] == [1, 0]

        field = desk.fields[0]
        assert len(desk.fields) == 1
        assert (field["namespace"], field["key"]) == ("redress", f"refund_{operation.pk.hex}")
        assert operation.refund_request.reference in field["value"]
        assert str(operation.pk) in field["value"]
        note = ShopNote.objects.get()
        assert (note.state, note.external_id, note.tries) == (NoteState.TOLD, "1000", 1)
        assert "told the shop" in str(LedgerEntry.objects.get(kind="shop_note.told").payload)

    def test_is_asked_before_it_is_told_again(self, world: World, shop: ShopConnection, desk: ShopifyDesk) -> None:
        """It wrote the note, and its answer was lost."""
        refund(world)
        desk.loses_answers = 1

        assert [tell(), tell()] == [0, 1]

        assert len(desk.fields) == 1
        assert (ShopNote.objects.get().state, ShopNote.objects.get().tries) == (NoteState.TOLD, 2)

    def test_hears_nothing_unless_that_is_wanted(self, world: World, shop: ShopConnection, desk: ShopifyDesk) -> None:
        ShopConnection.objects.update(writes_back=False)

        refund(world)

        assert tell() == 0
        assert not ShopNote.objects.exists()
        assert desk.fields == []

    def test_hears_nothing_of_another_shops_orders(self, world: World, shop: ShopConnection) -> None:
        ShopConnection.objects.update(channel="another")

        refund(world)

        assert not ShopNote.objects.exists()

    def test_hears_nothing_of_what_came_back_before(
        self, world: World, shop: ShopConnection, desk: ShopifyDesk
    ) -> None:
        Operation.objects.filter(pk=refund(world).pk).update(state="failed")

        assert tell() == 0
        assert ShopNote.objects.get().state == NoteState.DROPPED
        assert desk.fields == []

    @pytest.mark.parametrize("order", ["../7", "7/refunds", "N 1", "7?a=1"])
    def test_is_never_asked_under_an_id_that_is_none_of_its_own(
        self, world: World, shop: ShopConnection, desk: ShopifyDesk, order: str
    ) -> None:
        refund(world, order=order)

        assert tell() == 0
        assert ShopNote.objects.get().state == NoteState.NEEDS_PERSON


class TestAShopThatDoesNotAnswer:
    @pytest.mark.parametrize("habit", [hangs, drips, never_ends, resets])
    def test_blocks_no_refund_and_is_left_in_peace(
        self, world: World, monkeypatch: pytest.MonkeyPatch, habit: Any
    ) -> None:
        monkeypatch.setattr(reading, "ALTOGETHER_SECONDS", 0.3)
        with shop_server(habit) as (api_base, heard):
            connection, _ = connected(world, api_base=api_base, writes_back=True)
            operation = refund(world)
            for _ in range(4):
                tell_shops(at=timezone.now())

            assert len(heard.heard) == 1
        assert RefundRequest.objects.get(pk=operation.refund_request_id).state == "refunded"
        connection.refresh_from_db()
        assert connection.failures_in_a_row == 1
        assert ShopNote.objects.get().state == NoteState.WAITING

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("401 Unauthorized", NoteState.WAITING),
            ("403 Forbidden", NoteState.NEEDS_PERSON),
            ("500 No", NoteState.WAITING),
            ("302 Found", NoteState.WAITING),
            ("404 Not Found", NoteState.NEEDS_PERSON),
            ("422 Unprocessable", NoteState.NEEDS_PERSON),
        ],
    )
    def test_with_yes_is_tried_again_or_looked_at(self, world: World, status: str, state: str) -> None:
        def refuses(client: socket.socket, receiver: Receiver) -> None:
            is_question = receiver.heard[-1].head.startswith("GET")
            client.sendall(answer("200 OK", b'{"metafields": []}') if is_question else answer(status, b"{}"))

        with shop_server(refuses) as (api_base, _):
            connected(world, api_base=api_base, writes_back=True)
            refund(world)
            assert tell() == 0

        assert ShopNote.objects.get().state == state

    @pytest.mark.parametrize("page", [b"", b"<html>", b"[]", b'{"metafields": null}', b'{"metafields": [3]}'])
    def test_with_sense_is_looked_at_by_a_person_and_told_nothing(self, world: World, page: bytes) -> None:
        def babbles(client: socket.socket, _receiver: Receiver) -> None:
            client.sendall(answer("200 OK", page))

        with shop_server(babbles) as (api_base, heard):
            connected(world, api_base=api_base, writes_back=True)
            refund(world)
            assert tell() == 0

            assert [one.head.split(" ")[0] for one in heard.heard] == ["GET"]
        assert ShopNote.objects.get().state == NoteState.NEEDS_PERSON


class TestAMagentoShop:
    @pytest.fixture
    def desk(self) -> MagentoDesk:
        """Have a shop that makes credit memos."""
        return MagentoDesk()

    @pytest.fixture
    def shop(self, world: World, desk: MagentoDesk) -> Iterator[ShopConnection]:
        """Connect it."""
        with shop_server(desk) as (api_base, _):
            yield connected(world, kind="magento", api_base=api_base, domain="lamps.example", writes_back=True)[0]

    def test_makes_an_offline_memo_that_we_know_for_ours(
        self, world: World, shop: ShopConnection, desk: MagentoDesk
    ) -> None:
        operation = refund(world, order="5")

        assert tell() == 1
        assert poll_shops(at=timezone.now()) == 1
        work()

        assert desk.asked["items"] == [{"order_item_id": 3, "qty": 1}]
        assert desk.asked["arguments"] == {
            "shipping_amount": 0, "adjustment_positive": "0.00", "adjustment_negative": "0.00",
        }  # fmt: skip
        assert ShopRefund.objects.get().operation == operation
        assert not GovernedAction.objects.exists()

    def test_makes_up_what_was_not_for_the_pieces(self, world: World, shop: ShopConnection, desk: MagentoDesk) -> None:
        operation = refund(world, order="5")
        operation.refund_request.lines.update(quantity=2)

        tell()

        assert desk.asked["items"] == [{"order_item_id": 3, "qty": 2}]
        assert desk.asked["arguments"]["adjustment_negative"] == "100.00"

    def test_is_asked_before_it_is_told_again(self, world: World, shop: ShopConnection, desk: MagentoDesk) -> None:
        refund(world, order="5")
        desk.loses_answers = 1

        assert [tell(), tell()] == [0, 1]
        assert len(desk.fields) == 1

    def test_that_made_it_over_another_amount_is_looked_at(
        self, world: World, shop: ShopConnection, desk: MagentoDesk, root: User
    ) -> None:
        desk.total = 99.99
        refund(world, order="5")

        assert tell() == 0
        note = ShopNote.objects.get()
        assert (note.state, "credit memo 7 is over another amount" in note.outcome) == (NoteState.NEEDS_PERSON, True)
        telling.tell_again(note_id=note.pk, actor=root, at=timezone.now())
        assert tell() == 0
        assert len(desk.fields) == 1

    def test_without_the_position_is_told_nothing(self, world: World, shop: ShopConnection, desk: MagentoDesk) -> None:
        refund(world, order="5")
        OrderLine.objects.update(line="99")

        assert tell() == 0
        assert "no position 99" in ShopNote.objects.get().outcome
        assert desk.fields == []


class TestANoteThatWaitsForAPerson:
    @pytest.fixture
    def note(self, world: World) -> ShopNote:
        """Have one."""
        connected(world, writes_back=True)
        refund(world)
        ShopNote.objects.update(state=NoteState.NEEDS_PERSON, outcome="The shop refused.")
        return ShopNote.objects.get()

    def test_says_why_and_is_told_again_or_left_by_a_button(self, note: ShopNote, root: User) -> None:
        desk = desk_of(root)
        assert "The shop refused." in desk.get(verb("health", note.connection)).text

        assert desk.post(verb("tell_again", note.connection), {"note": str(note.pk)}).status_code == 302
        note.refresh_from_db()
        assert note.state == NoteState.WAITING
        assert desk.post(verb("tell_again", note.connection), {"note": str(note.pk)}).status_code == 409
        assert desk.post(verb("leave_untold", note.connection), {"note": "x"}).status_code == 409

        ShopNote.objects.update(state=NoteState.NEEDS_PERSON)
        assert desk.post(verb("leave_untold", note.connection), {"note": str(note.pk)}).status_code == 302
        note.refresh_from_db()
        assert note.state == NoteState.DROPPED
        assert LedgerEntry.objects.filter(kind__in=["shop_note.again", "shop_note.left"]).count() == 2

    def test_is_for_administrators_alone(self, note: ShopNote) -> None:
        with pytest.raises(NotPermitted):
            telling.leave_untold(note_id=note.pk, actor=settle("lena"), at=timezone.now())

        note.refresh_from_db()
        assert note.state == NoteState.NEEDS_PERSON

    def test_is_not_told_while_it_waits(self, note: ShopNote, root: User) -> None:
        assert tell() == 0
        ShopNote.objects.update(state=NoteState.TOLD)
        with pytest.raises(OutOfDate):
            telling.tell_again(note_id=note.pk, actor=root, at=timezone.now())


class TestTheSwitch:
    def test_is_off_at_first_and_on_the_ledger_when_it_is_turned(self, world: World, root: User) -> None:
        connection, _ = connected(world)
        assert not connection.writes_back

        form = {
            "team": world.team().pk, "channel": "shop-uk", "domain": connection.domain,
            "api_base": "https://lamps.example.com", "writes_back": "on",
        }  # fmt: skip
        answer_ = desk_of(root).post(reverse("admin:refunds_shopconnection_change", args=[connection.pk]), form)

        assert answer_.status_code == 302
        assert ShopConnection.objects.get().writes_back
        assert "writes back" in str(LedgerEntry.objects.get(kind="shop_connection.changed").payload)


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_tell_it_once(self, world: World, desk: ShopifyDesk) -> None:
        with shop_server(desk) as (api_base, heard):
            connected(world, api_base=api_base, writes_back=True)
            refund(world)

            in_the_same_instant(*[partial(tell_shops, at=timezone.now())] * 4)

            assert len(desk.fields) == 1
            assert len(heard.heard) == 2
