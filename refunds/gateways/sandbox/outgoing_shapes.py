"""Payouts, transfers, fees, what is taken back of them and credits, with every key that API 2026-10-28 has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refunds.gateways.sandbox.books import Books
    from refunds.gateways.sandbox.records import Outgoing

Shape = dict[str, Any]

PLATFORM = "ca_sandbox"


def outgoing_shape(row: Outgoing, books: Books) -> Shape:
    """Show one of them."""
    shape = {
        "payout": _payout,
        "transfer": _transfer,
        "reversal": _reversal,
        "fee": _fee,
        "fee_refund": _fee_refund,
        "credit": _credit,
    }[row.kind]
    common: Shape = {"id": row.id, "amount": row.amount, "created": row.created, "currency": row.currency}
    return common | shape(row, books)


def _payout(row: Outgoing, _books: Books) -> Shape:
    is_back = row.status == "failed"
    return {
        "object": "payout",
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": row.created,
        "automatic": row.is_automatic,
        "balance_transaction": f"txn_{row.id}",
        "description": None,
        "destination": row.destination or "ba_sandbox",
        "failure_balance_transaction": f"txn_{row.id}_back" if is_back else None,
        "failure_code": "account_closed" if is_back else None,
        "failure_message": "The bank account has been closed." if is_back else None,
        "livemode": False,
        "metadata": row.metadata,
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": _reconciliation(row),
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": row.status,
        "trace_id": None,
        "type": "bank_account",
    }


def _reconciliation(row: Outgoing) -> str:
    if not row.is_automatic:
        return "not_applicable"
    return "completed" if row.is_reconciled else "in_progress"


def _transfer(row: Outgoing, books: Books) -> Shape:
    taken_back = books.taken_back(row)
    reversed_amount = sum(one.amount for one in taken_back)
    return {
        "object": "transfer",
        "amount_reversed": reversed_amount,
        "balance_transaction": f"txn_{row.id}",
        "description": None,
        "destination": row.destination,
        "destination_payment": f"py_{row.id}",
        "livemode": False,
        "metadata": row.metadata,
        "reversals": _list(f"/v1/transfers/{row.id}/reversals", taken_back, books),
        "reversed": reversed_amount == row.amount,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": None,
    }


def _reversal(row: Outgoing, _books: Books) -> Shape:
    return {
        "object": "transfer_reversal",
        "balance_transaction": f"txn_{row.id}",
        "destination_payment_refund": f"pyr_{row.id}",
        "metadata": row.metadata,
        "source_refund": None,
        "transfer": row.about,
    }


def _fee(row: Outgoing, books: Books) -> Shape:
    taken_back = books.taken_back(row)
    refunded = sum(one.amount for one in taken_back)
    return {
        "object": "application_fee",
        "account": row.destination,
        "amount_refunded": refunded,
        "application": PLATFORM,
        "balance_transaction": f"txn_{row.id}",
        "charge": f"py_{row.id}",
        "fee_source": None,
        "livemode": False,
        "originating_transaction": None,
        "refunded": refunded == row.amount,
        "refunds": _list(f"/v1/application_fees/{row.id}/refunds", taken_back, books),
    }


def _fee_refund(row: Outgoing, _books: Books) -> Shape:
    return {
        "object": "fee_refund",
        "balance_transaction": f"txn_{row.id}",
        "fee": row.about,
        "metadata": row.metadata,
    }


def _credit(row: Outgoing, books: Books) -> Shape:
    before = [one for one in books.outgoings.values() if (one.kind, one.about) == ("credit", row.about)]
    ending = sum(one.amount for one in before if one.currency == row.currency and one.id <= row.id)
    return {
        "object": "customer_balance_transaction",
        "checkout_session": None,
        "credit_note": None,
        "customer": row.about,
        "customer_account": None,
        "description": None,
        "ending_balance": ending if row in before else ending + row.amount,
        "invoice": None,
        "livemode": False,
        "metadata": row.metadata,
        "type": "adjustment",
    }


def _list(url: str, rows: list[Outgoing], books: Books) -> Shape:
    shown = [outgoing_shape(row, books) for row in reversed(rows)]
    return {"object": "list", "url": url, "has_more": False, "data": shown}
