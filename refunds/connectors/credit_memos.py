"""Write a refund of ours into a Magento shop: an offline credit memo over the very amount that went back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from config.kernel.money import minor_digits

from .amounts import id_of
from .base import OddAnswer
from .magento_orders import paid_for, quantity_of

if TYPE_CHECKING:
    from .base import Notice


def memo_of(notice: Notice, order: Any) -> dict[str, Any]:
    """Say which pieces came back, and make up the amount by an adjustment: what went back is what was approved.

    Positions that did not come back are named with nothing of them: of a memo that names none Magento refunds all. So
    is the shipping, which Magento counts with or without its tax as the shop is set; what went back of it is in the
    adjustment.

    :raises OddAnswer: when the order is not as we know it
    """
    try:
        if order["order_currency_code"] != notice.amount.currency:
            raise OddAnswer("The shop names another currency than the refund's.")
        sold = {id_of(one["item_id"]): one for one in order["items"] if not one.get("parent_item_id")}
        strange = sorted(notice.lines.keys() - sold.keys())
        if strange:
            raise OddAnswer(f"The shop's order has no position {', '.join(strange)}.")
        back = {line: notice.lines.get(line, 0) for line in sold}
        items = [{"order_item_id": int(line), "qty": count} for line, count in back.items()]
        expected = sum(_worth(sold[line], order, count, notice.amount.currency) for line, count in back.items())
    except (AttributeError, KeyError, TypeError, ValueError):
        raise OddAnswer("The shop's answer is no order.") from None
    more = notice.amount.minor - expected
    return {
        "items": items,
        "notify": False,
        "appendComment": False,
        "comment": {"comment": notice.words, "is_visible_on_front": 0},
        "arguments": {
            "shipping_amount": 0,
            "adjustment_positive": _major(max(more, 0), notice.amount.currency),
            "adjustment_negative": _major(max(-more, 0), notice.amount.currency),
        },
    }


def _worth(item: Any, order: Any, count: int, currency: str) -> int:
    whole = Decimal(paid_for(item, order, currency) * count) / quantity_of(item)
    return int(whole.quantize(Decimal(1), ROUND_HALF_UP))


def _major(minor: int, currency: str) -> str:
    """Write an amount as text, which Magento reads as its number: JSON of ours holds no float."""
    return str(Decimal(minor).scaleb(-minor_digits(currency)))
