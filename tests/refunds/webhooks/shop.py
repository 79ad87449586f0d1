"""Connected shops, small servers that answer for them, and their messages as they sign them."""

from __future__ import annotations

import base64
import hmac
import json
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from refunds.connectors import connecting
from refunds.connectors.connecting import Wish
from refunds.models import Delivery, Order, ShopConnection
from refunds.webhooks.asking import ask_shops
from tests.harness.people import settle
from tests.refunds.outgoing.receivers import Receiver, answer, listening

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from tests.harness.world import World

SHARED = Path(__file__).parents[4] / "shared" / "data"
SECRET = "shpss_app_secret"
DOMAIN = "lamps.myshopify.com"
ORDER = "450789469"


def shared(name: str) -> Any:
    """Read a body from the folder of samples, or skip."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here: the folder of samples lies beside the project.")
    return json.loads(path.read_text())


class Shelf:
    """What a shop answers, by path; anything else is not there."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.pages: dict[str, Any] = {}
        self.status = "200 OK"

    def __call__(self, client: socket.socket, receiver: Receiver) -> None:
        """Answer one request."""
        path = receiver.heard[-1].head.split(" ")[1]
        found = next((page for begins, page in self.pages.items() if path.startswith(begins)), None)
        if callable(found):
            found(client, receiver)
        elif found is None:
            client.sendall(answer("404 Not Found", b"{}"))
        else:
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            client.sendall(answer(self.status, body, "Content-Type: application/json"))


@contextmanager
def shop_server(habit: Callable[[socket.socket, Receiver], None]) -> Iterator[tuple[str, Receiver]]:
    """Serve a shop on loopback; answers its base address and what it heard."""
    with listening(habit) as receiver:
        yield f"http://127.0.0.1:{receiver.port}", receiver


def connected(
    world: World, *, kind: str = "shopify", api_base: str = "http://127.0.0.1:9", **more: Any
) -> tuple[ShopConnection, str]:
    """Let Root connect a shop whose orders are those of `shop-uk`; answers it and the address it sends to."""
    wish = Wish(
        kind=kind,
        team=more.pop("team", world.team()),
        channel=more.pop("channel", "shop-uk"),
        domain=more.pop("domain", DOMAIN),
        api_base=api_base,
        access_token="shpat_1",
        secret=SECRET if kind == "shopify" else "",
        **more,
    )
    connection, token = connecting.connect_shop(wish=wish, actor=settle("root"), at=timezone.now())
    return connection, f"/webhooks/{kind}/{token}/"


def order_of_shop(world: World, external_id: str = ORDER, **more: Any) -> Order:
    """Sell something under the shop's own id of the order."""
    order = world.order(**more)
    Order.objects.filter(pk=order.pk).update(external_id=external_id)
    order.refresh_from_db()
    return order


def refund_body(refund: int = 929361472, order: str = ORDER, **changes: Any) -> dict[str, Any]:
    """Write a refund as Shopify has it."""
    transaction = {
        "id": refund + 1,
        "order_id": int(order),
        "kind": "refund",
        "status": "success",
        "amount": "41.94",
        "currency": "GBP",
        "authorization": None,
        "receipt": {},
        "processed_at": "2026-11-19T11:38:34-05:00",
        **changes.pop("transaction", {}),
    }
    return {
        "id": refund,
        "order_id": int(order),
        "note": "wrong size",
        "created_at": "2026-11-19T11:38:34-05:00",
        "refund_line_items": [],
        "transactions": [transaction],
        **changes,
    }


BODY = refund_body()
READ = f"/admin/api/2026-07/orders/{ORDER}/refunds"


def shopify_headers(raw: bytes, *, secret: str = SECRET, event: str = "evt-1", **more: str) -> dict[str, str]:
    """Sign a body as Shopify does, and say the rest."""
    signature = base64.b64encode(hmac.digest(secret.encode(), raw, sha256)).decode()
    return {
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Topic": "refunds/create",
        "X-Shopify-Webhook-Id": f"hook-{event}",
        "X-Shopify-Event-Id": event,
        **more,
    }


def send(address: str, body: Any, headers: dict[str, str] | None = None, **options: Any) -> int:
    """Post a body, signed by default; answers the status."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = shopify_headers(raw, **options) if headers is None else headers
    client = Client(raise_request_exception=False)
    return client.post(address, raw, content_type="application/json", headers=told).status_code


def work() -> None:
    """Let the worker take up what waits."""
    ask_shops(at=timezone.now())


def only() -> Delivery:
    """Read the one message there is."""
    return Delivery.objects.get()
