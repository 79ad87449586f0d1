"""A Magento order as its REST API tells it, in the words of ours."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from config.kernel.money import known_currency
from refunds.carriers.base import Parcel
from refunds.orders.sold import CustomerFacts, LineFacts, OrderFacts

from .amounts import email_of, id_of, moment_of, money_of
from .base import OddAnswer
from .charges import charge_of, plain

if TYPE_CHECKING:
    from refunds.models import ShopConnection
    from refunds.orders.sold import PaymentFacts

LAST4 = 4


def order_of(told: Any, connection: ShopConnection) -> OrderFacts:
    """Read an order, in the currency the customer paid.

    :raises OddAnswer: naming what cannot be an order
    """
    try:
        currency = told["order_currency_code"]
        if not isinstance(currency, str) or not known_currency(currency):
            raise OddAnswer("The shop names a currency that there is not.")
        return OrderFacts(
            channel=connection.channel,
            external_id=id_of(told["entity_id"]),
            team=connection.team.slug,
            placed_at=moment_of(told["created_at"]),
            changed_at=moment_of(told["updated_at"]),
            currency=currency,
            customer=_customer(told),
            # The parts of a set stand below it with the price of nothing; the set itself was sold.
            lines=[_line(one, told, currency) for one in told["items"] if not one.get("parent_item_id")],
            shipping_minor=_paid(told, "shipping_amount", "shipping_", currency),
            payments=_payments(told, connection, currency),
        )
    except (AttributeError, KeyError, TypeError):
        raise OddAnswer("The shop's answer is no order.") from None


def paid_for(item: Any, order: Any, currency: str) -> int:
    """Add up what was paid for a position: net and tax, less the discount, which of a set may stand on its parts."""
    parts = [one for one in order["items"] if one.get("parent_item_id") == item["item_id"]]
    off = _minor(item.get("discount_amount"), currency) or sum(
        _minor(one.get("discount_amount"), currency) for one in parts
    )
    return _less(
        sum(
            _minor(item.get(name), currency) for name in ("row_total", "tax_amount", "discount_tax_compensation_amount")
        ),
        off,
    )


def quantity_of(item: Any) -> int:
    """Read how many were sold; half a piece is nothing we can count.

    :raises OddAnswer:
    """
    told = item["qty_ordered"]
    quantity = Decimal(told) if isinstance(told, int | Decimal) and not isinstance(told, bool) else Decimal(0)
    if quantity != quantity.to_integral_value() or not 0 < quantity < 2**31:
        raise OddAnswer("The shop names a quantity that cannot have been sold.")
    return int(quantity)


def _line(item: Any, order: Any, currency: str) -> LineFacts:
    quantity = quantity_of(item)
    return LineFacts(
        line=id_of(item["item_id"]),
        sku=plain(item.get("sku"), 80) or id_of(item["item_id"]),
        title=plain(item.get("name"), 200),
        quantity=quantity,
        # Rounded down: what is left of an uneven discount stays with the payment, and nobody gets more than was paid.
        unit_price_minor=paid_for(item, order, currency) // quantity,
    )


def _paid(order: Any, net: str, prefix: str, currency: str) -> int:
    names = (net, f"{prefix}tax_amount", f"{prefix}discount_tax_compensation_amount")
    return _less(
        sum(_minor(order.get(name), currency) for name in names),
        _minor(order.get(f"{prefix}discount_amount"), currency),
    )


def _minor(told: Any, currency: str) -> int:
    """Read an amount that may be left out."""
    return 0 if told is None else money_of(told, currency).minor


def _less(whole: int, off: int) -> int:
    if off > whole:
        raise OddAnswer("The shop took off more than a position cost.")
    return whole - off


def _payments(told: Any, connection: ShopConnection, currency: str) -> list[PaymentFacts]:
    """Keep what Magento says was paid; a payment that is only authorised, or promised, has no amount paid."""
    payment = told.get("payment")
    if not isinstance(payment, dict) or payment.get("amount_paid") is None:
        return []
    amount = money_of(payment["amount_paid"], currency)
    if not amount.minor:
        return []
    last4 = plain(payment.get("cc_last4") or payment.get("cc_last_4"), 40)
    return [
        charge_of(
            by=payment.get("method"),
            told=(payment.get("last_trans_id"), payment.get("cc_trans_id")),
            own_id=id_of(told["entity_id"]),
            channel=connection.channel,
            amount=amount,
            # Magento does not say when; it was not before the order.
            captured_at=moment_of(told["created_at"]),
            last4=last4 if len(last4) == LAST4 and last4.isdigit() else "",
        )
    ]


def _customer(told: Any) -> CustomerFacts | None:
    """Read who bought; a guest has no id of the shop's, and stays nobody here."""
    if not id_of(told.get("customer_id")):
        return None
    names = (plain(told.get("customer_firstname"), 60), plain(told.get("customer_lastname"), 59))
    return CustomerFacts(
        external_id=id_of(told["customer_id"]),
        name=" ".join(name for name in names if name),
        email=email_of(told.get("customer_email")),
        country=plain((told.get("billing_address") or {}).get("country_id"), 60),
    )


def parcel_of(told: Any) -> Parcel:
    """Read a shipment; the first of its tracking numbers stands for it.

    :raises OddAnswer:
    """
    named = id_of(told["entity_id"])
    if not named:
        raise OddAnswer("The shop's answer names no shipment.")
    track = (told.get("tracks") or [{}])[0]
    return Parcel(
        external_id=named,
        carrier=plain(track.get("title"), 60) or plain(track.get("carrier_code"), 60),
        tracking=plain(track.get("track_number"), 100),
        shipped_at=moment_of(told["created_at"]),
    )
