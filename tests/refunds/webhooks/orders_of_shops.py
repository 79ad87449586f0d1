"""Orders as Shopify and Magento tell them, small enough to be read at a glance."""

from __future__ import annotations

from typing import Any

from .shop import ORDER

READ_ORDER = f"/admin/api/2026-07/orders/{ORDER}.json"
TRANSACTIONS = f"/admin/api/2026-07/orders/{ORDER}/transactions.json"
REFUNDS = f"/admin/api/2026-07/orders/{ORDER}/refunds.json"
LIST = "/admin/api/2026-07/orders.json?"


def shopify_order(**changes: Any) -> dict[str, Any]:
    """Sell two lamps for 20.00 each, 3.00 off the pair, 20 % tax on top, 4.80 to send them."""
    line = {
        "id": 466157049,
        "sku": "LAMP",
        "name": "Lamp, red",
        "quantity": 2,
        "price": "20.00",
        "discount_allocations": [{"amount": "3.00"}],
        "tax_lines": [{"price": "7.40"}],
        **changes.pop("line", {}),
    }
    return {
        "id": int(ORDER),
        "currency": "GBP",
        "taxes_included": False,
        "processed_at": "2026-11-10T10:00:00+01:00",
        "created_at": "2026-11-10T10:00:00+01:00",
        "updated_at": "2026-11-10T10:05:00+01:00",
        "customer": {"id": 207119551, "first_name": "Carla", "last_name": "Crane", "email": "carla@example.com"},
        "billing_address": {"country_code": "GB"},
        "line_items": [line],
        "shipping_lines": [{"price": "4.00", "tax_lines": [{"price": "0.80"}], "discount_allocations": []}],
        "refunds": [],
        **changes,
    }


def captured(**changes: Any) -> dict[str, Any]:
    """Capture all of it through Stripe."""
    return {
        "id": 801038806,
        "order_id": int(ORDER),
        "kind": "capture",
        "status": "success",
        "gateway": "stripe",
        "authorization": "pi_3Nabcdefgh",
        "amount": "49.20",
        "currency": "GBP",
        "processed_at": "2026-11-10T10:01:00+01:00",
        "payment_details": {"credit_card_number": "•••• •••• •••• 4242"},
        **changes,
    }


def magento_order(**changes: Any) -> dict[str, Any]:
    """Sell the same in a Magento shop: a configurable lamp with its simple part."""
    item = {
        "item_id": 3,
        "parent_item_id": None,
        "sku": "LAMP-RED",
        "name": "Lamp",
        "qty_ordered": 2,
        "row_total": 40,
        "tax_amount": 7.4,
        "discount_tax_compensation_amount": 0,
        "discount_amount": 3,
        **changes.pop("item", {}),
    }
    part = {"item_id": 4, "parent_item_id": 3, "sku": "LAMP-RED", "name": "Lamp, red", "qty_ordered": 2, "row_total": 0}
    return {
        "entity_id": 5,
        "increment_id": "000000005",
        "created_at": "2026-11-10 09:00:00",
        "updated_at": "2026-11-10 09:05:00",
        "order_currency_code": "GBP",
        "base_currency_code": "EUR",
        "customer_id": 9,
        "customer_email": "carla@example.com",
        "customer_firstname": "Carla",
        "customer_lastname": "Crane",
        "billing_address": {"country_id": "GB"},
        "shipping_amount": 4,
        "shipping_tax_amount": 0.8,
        "shipping_discount_amount": 0,
        "items": [item, part],
        "payment": {"method": "stripe_payments", "last_trans_id": "pi_3Nabcdefgh-capture", "amount_paid": 49.2},
        **changes,
    }
