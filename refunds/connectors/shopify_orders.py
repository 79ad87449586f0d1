"""A Shopify order as its Admin API tells it, in the words of ours."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config.kernel.money import Money, known_currency
from refunds.carriers.base import Parcel
from refunds.orders.sold import CustomerFacts, LineFacts, OrderFacts

from .amounts import email_of, id_of, moment_of, money_of
from .base import OddAnswer
from .charges import charge_of, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refunds.models import ShopConnection
    from refunds.orders.sold import PaymentFacts

CAPTURED = ("capture", "sale")
DONE = "success"
DELIVERED = "delivered"


def order_of(told: Any, transactions: Any, connection: ShopConnection, *, is_demo: bool) -> OrderFacts:
    """Read an order and the charges that succeeded, in the currency the customer paid.

    :raises OddAnswer: naming what cannot be an order
    """
    try:
        currency = told.get("presentment_currency") or told["currency"]
        if not isinstance(currency, str) or not known_currency(currency):
            raise OddAnswer("The shop names a currency that there is not.")
        return OrderFacts(
            channel=connection.channel,
            external_id=id_of(told["id"]),
            team=connection.team.slug,
            placed_at=moment_of(told.get("processed_at") or told["created_at"]),
            changed_at=moment_of(told["updated_at"]),
            currency=currency,
            customer=_customer(told),
            lines=[_line(one, told, currency) for one in told["line_items"] if one["quantity"]],
            shipping_minor=sum(_whole(one, told, currency) for one in told["shipping_lines"]),
            payments=_payments(transactions, told, connection, currency, is_demo=is_demo),
        )
    except (AttributeError, KeyError, TypeError):
        raise OddAnswer("The shop's answer is no order.") from None


def _line(line: Any, order: Any, currency: str) -> LineFacts:
    quantity = line["quantity"]
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise OddAnswer("The shop names a quantity that cannot have been sold.")
    return LineFacts(
        line=id_of(line["id"]),
        sku=plain(line.get("sku"), 80) or id_of(line.get("variant_id")) or id_of(line["id"]),
        title=plain(line.get("name") or line.get("title"), 200),
        quantity=quantity,
        # Rounded down: what is left of an uneven discount stays with the payment, and nobody gets more than was paid.
        unit_price_minor=_whole(line, order, currency, quantity) // quantity,
    )


def _whole(line: Any, order: Any, currency: str, quantity: int = 1) -> int:
    """Add up what was paid for a position: its price, less its part of discounts, with taxes that came on top."""
    price = _amount(line, "price", order, currency) * quantity
    off = sum(_amount(one, "amount", order, currency) for one in line.get("discount_allocations") or ())
    on_top = 0 if order.get("taxes_included") else _taxes(line, order, currency)
    if off > price:
        raise OddAnswer("The shop took off more than a position cost.")
    return price - off + on_top


def _taxes(line: Any, order: Any, currency: str) -> int:
    return sum(_amount(one, "price", order, currency) for one in line.get("tax_lines") or ())


def _amount(part: Any, name: str, order: Any, currency: str) -> int:
    """Read what the customer was shown; where only the shop's own currency is told, it must be the same."""
    shown = (part.get(f"{name}_set") or {}).get("presentment_money")
    if shown is None:
        shown = {"amount": part[name], "currency_code": order["currency"]}
    amount = money_of(shown["amount"], shown["currency_code"])
    if amount.currency != currency:
        raise OddAnswer(f"The shop mixes {amount.currency} into an order in {currency}.")
    return amount.minor


def _payments(
    transactions: Any, order: Any, connection: ShopConnection, currency: str, *, is_demo: bool
) -> Sequence[PaymentFacts]:
    """Keep each charge that was captured; parts captured one by one of the same charge are one."""
    found: dict[tuple[str, str], list[PaymentFacts]] = defaultdict(list)
    for one in transactions["transactions"]:
        is_real = is_demo or not one.get("test")
        if one["kind"] not in CAPTURED or one["status"] != DONE or not is_real:
            continue
        if id_of(one.get("order_id")) != id_of(order["id"]):
            raise OddAnswer("The shop tells of another order's payments.")
        amount = money_of(one["amount"], one["currency"])
        if amount.currency != currency:
            raise OddAnswer(f"The shop took {amount.currency} for an order in {currency}.")
        payment = _payment(one, connection, amount)
        found[payment.gateway, payment.external_id].append(payment)
    return [
        replace(
            parts[0],
            captured_minor=sum(part.captured_minor for part in parts),
            captured_at=min(part.captured_at for part in parts),
        )
        for parts in found.values()
        if any(part.captured_minor for part in parts)
    ]


def _payment(told: Any, connection: ShopConnection, amount: Money) -> PaymentFacts:
    named = id_of(told["id"])
    if not named:
        raise OddAnswer("The shop's answer names no transaction.")
    receipt = told.get("receipt") if isinstance(told.get("receipt"), dict) else {}
    details = told.get("payment_details") if isinstance(told.get("payment_details"), dict) else {}
    digits = re.sub(r"\D", "", plain(details.get("credit_card_number"), 40))
    return charge_of(
        by=told.get("gateway"),
        told=(told.get("authorization"), receipt.get("payment_intent_id"), receipt.get("id")),
        own_id=named,
        channel=connection.channel,
        amount=amount,
        captured_at=moment_of(told.get("processed_at") or told["created_at"]),
        last4=digits[-4:],
    )


def _customer(told: Any) -> CustomerFacts | None:
    """Read who bought; somebody without an account has no id of the shop's, and stays nobody here."""
    customer = told.get("customer")
    if not isinstance(customer, dict) or not id_of(customer.get("id")):
        return None
    address = told.get("billing_address") or customer.get("default_address") or {}
    names = (plain(customer.get("first_name"), 60), plain(customer.get("last_name"), 59))
    return CustomerFacts(
        external_id=id_of(customer["id"]),
        name=" ".join(name for name in names if name),
        email=email_of(customer.get("email") or told.get("email")),
        country=plain(address.get("country_code"), 60),
    )


def parcel_of(told: Any, events: Any) -> Parcel:
    """Read a fulfilment that went out; without an event that says when it arrived, its last change has to do.

    :raises OddAnswer:
    """
    named = id_of(told["id"])
    if not named:
        raise OddAnswer("The shop's answer names no fulfilment.")
    arrivals = [moment_of(one["happened_at"]) for one in events if one["status"] == DELIVERED]
    is_there = told.get("shipment_status") == DELIVERED
    return Parcel(
        external_id=named,
        carrier=plain(told.get("tracking_company"), 60),
        tracking=plain(told.get("tracking_number"), 100),
        shipped_at=moment_of(told["created_at"]),
        delivered_at=min(arrivals, default=moment_of(told["updated_at"])) if is_there else None,
    )
