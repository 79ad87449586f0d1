"""A Shopify shop that knows one refund, connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .shop import BODY, READ, Shelf, connected, shop_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.models import ShopConnection
    from tests.harness.world import World


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop that knows one refund."""
    shelf = Shelf()
    shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": BODY}
    return shelf


@pytest.fixture
def shop(world: World, shelf: Shelf) -> Iterator[tuple[ShopConnection, str]]:
    """Connect it."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, api_base=api_base)
