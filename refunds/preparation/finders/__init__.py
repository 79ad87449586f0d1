"""The finders, one to a file, in the order in which they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .delivery import Delivery
from .duplicates import Duplicates
from .item_match import ItemMatch
from .order_history import OrderHistory
from .photos import Photos
from .return_window import ReturnWindow
from .velocity import Velocity

if TYPE_CHECKING:
    from refunds.preparation.base import Finder

FINDERS: tuple[Finder, ...] = (
    Duplicates(),
    ItemMatch(),
    Delivery(),
    ReturnWindow(),
    Photos(),
    Velocity(),
    OrderHistory(),
)
