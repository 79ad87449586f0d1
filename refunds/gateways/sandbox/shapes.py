"""The books' rows as Stripe objects, with every key that API 2026-10-28 has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape

if TYPE_CHECKING:
    from refunds.gateways.sandbox.books import Books
    from refunds.gateways.sandbox.movements import Movement
    from refunds.gateways.sandbox.records import Dispute, Event, FraudWarning, Payment, Refund

API_VERSION = "2026-10-28.endive"

Shape = dict[str, Any]


def refund_shape(refund: Refund, payment: Payment) -> Shape:
    """Show a refund."""
    is_card_told = refund.status not in {"requires_action", "canceled"}
    shape: Shape = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": transaction_id(refund.id) if is_card_told else None,
        "charge": payment.charge,
        "created": refund.created,
        "currency": refund.currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "destination_details": {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"},
        "instructions_email": None,
        "metadata": refund.metadata,
        "next_action": None,
        "payment_intent": payment.intent,
        "payment_method": payment.method if payment.method.startswith("pm_") else None,
        "presentment_details": None,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": f"trr_{refund.id}" if refund.shared else None,
    }
    if refund.status == "pending":
        shape["pending_reason"] = "processing"
    if refund.status == "failed":
        shape["failure_reason"] = refund.failure_reason
        shape["failure_balance_transaction"] = undone_transaction_id(refund.id)
    return shape


def charge_shape(payment: Payment, refunded: int, dispute: Dispute | None) -> Shape:
    """Show the charge of a payment."""
    nothing = dict.fromkeys(
        (
            *("application", "application_fee", "application_fee_amount", "authorization_code", "customer"),
            *("calculated_statement_descriptor", "failure_balance_transaction", "failure_code", "failure_message"),
            *("on_behalf_of", "receipt_email", "receipt_number", "receipt_url", "review", "shipping", "source"),
            *("source_transfer", "statement_descriptor", "statement_descriptor_suffix", "transfer_data"),
            *("transfer_group", "description"),
        ),
    )
    return nothing | {
        "id": payment.charge,
        "object": "charge",
        "amount": payment.amount,
        "amount_captured": payment.amount,
        "amount_refunded": refunded,
        "balance_transaction": transaction_id(payment.charge),
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": payment.created,
        "currency": payment.currency,
        "disputed": dispute is not None,
        "fraud_details": {},
        "livemode": False,
        "metadata": payment.metadata,
        "outcome": {"type": "authorized", "risk_level": "normal", "network_status": "approved_by_network"},
        "paid": True,
        "payment_intent": payment.intent,
        "payment_method": payment.method,
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "country": "GB", "funding": "credit", "last4": "4242", "network": "visa"},
        },
        "presentment_details": None,
        "radar_options": {},
        "refunded": refunded == payment.amount,
        "status": "succeeded",
    }


def intent_shape(payment: Payment) -> Shape:
    """Show the intent of a payment."""
    nothing = dict.fromkeys(
        (
            *("application", "application_fee_amount", "canceled_at", "cancellation_reason", "customer"),
            *("customer_account", "description", "last_payment_error", "next_action", "on_behalf_of", "processing"),
            *("payment_method_configuration_details", "receipt_email", "review", "setup_future_usage", "shipping"),
            *("source", "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group"),
            *("excluded_payment_method_types", "managed_payments", "automatic_payment_methods"),
        ),
    )
    return nothing | {
        "id": payment.intent,
        "object": "payment_intent",
        "amount": payment.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": payment.amount,
        "capture_method": "automatic",
        "client_secret": f"{payment.intent}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": payment.created,
        "currency": payment.currency,
        "latest_charge": payment.charge,
        "livemode": False,
        "metadata": payment.metadata,
        "payment_method": payment.method,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "succeeded",
    }


def dispute_shape(dispute: Dispute, payment: Payment) -> Shape:
    """Show a dispute; the charge can be refunded while the bank only asks."""
    case_type = "inquiry" if dispute.is_inquiry else "chargeback"
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": [],
        "charge": payment.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": dispute.due_by,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "enhanced_eligibility": {},
        },
        "is_charge_refundable": dispute.is_inquiry and dispute.is_open,
        "livemode": False,
        "metadata": {},
        "payment_intent": payment.intent,
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "case_type": case_type, "network": "visa", "network_reason_code": "10.4"},
        },
        "reason": dispute.reason,
        "status": dispute.status,
    }


def warning_shape(warning: FraudWarning, payment: Payment, *, is_actionable: bool) -> Shape:
    """Show an early fraud warning."""
    return {
        "id": warning.id,
        "object": "radar.early_fraud_warning",
        "actionable": is_actionable,
        "charge": payment.charge,
        "created": warning.created,
        "fraud_type": warning.fraud_type,
        "livemode": False,
        "payment_intent": payment.intent,
    }


def movement_shape(movement: Movement) -> Shape:
    """Show a balance transaction."""
    return {
        "id": movement.id,
        "object": "balance_transaction",
        "amount": movement.amount,
        "available_on": movement.available_on,
        "balance_type": "payments",
        "created": movement.created,
        "currency": movement.currency,
        "description": None,
        "exchange_rate": None,
        "fee": movement.fee,
        "fee_details": [],
        "net": movement.net,
        "reporting_category": movement.category,
        "source": movement.source,
        "status": "available",
        "type": movement.type,
    }


def source_shape(movement: Movement, books: Books) -> Shape:
    """Show what moved the balance, as `expand[]=data.source` asks."""
    if movement.payout is not None:
        return outgoing_shape(movement.payout, books)
    if movement.payment is None:
        raise LookupError(movement.id)
    if movement.dispute is not None:
        return dispute_shape(movement.dispute, movement.payment)
    if movement.refund is not None:
        return refund_shape(movement.refund, movement.payment)
    return charge_shape(movement.payment, books.refunded(movement.payment), books.dispute_of(movement.payment))


def event_shape(event: Event, books: Books) -> Shape:
    """Show an event with its object as it was then."""
    about = _object_of(event, books) | event.snapshot
    data: Shape = {"object": about}
    if event.previous:
        data["previous_attributes"] = event.previous
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0 if event.delivered else event.copies,
        "request": {"id": None, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


def _object_of(event: Event, books: Books) -> Shape:
    if event.object_id in books.refunds:
        refund = books.refunds[event.object_id]
        return refund_shape(refund, books.payments[refund.payment])
    if event.object_id in books.disputes:
        dispute = books.disputes[event.object_id]
        return dispute_shape(dispute, books.payments[dispute.payment])
    if event.object_id in books.outgoings:
        return outgoing_shape(books.outgoings[event.object_id], books)
    if event.object_id in books.warnings:
        warning = books.warnings[event.object_id]
        about = books.payments[warning.payment]
        return warning_shape(warning, about, is_actionable=is_actionable(about, books))
    payment = books.payments_by_charge[event.object_id]
    return charge_shape(payment, books.refunded(payment), books.dispute_of(payment))


def is_actionable(payment: Payment, books: Books) -> bool:
    """Tell whether refunding in full still prevents a dispute."""
    return books.dispute_of(payment) is None and books.refunded(payment) < payment.amount


def transaction_id(source: str) -> str:
    """Name the balance transaction of a charge, refund or dispute."""
    return f"txn_{source}"


def undone_transaction_id(source: str) -> str:
    """Name the balance transaction that brought a failed refund back."""
    return f"txn_{source}_back"
