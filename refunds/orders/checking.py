"""What no order can say, whoever sends it: asked without the database, answered with every reason at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.kernel.money import LARGEST_MINOR, known_currency
from config.kernel.refusals import Reason
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from .sold import CustomerFacts, LineFacts, OrderFacts, PaymentFacts

LARGEST_QUANTITY = 2**31 - 1
"""The end of an integer column."""

LONGEST_ID = 80
MOST_LINES = 10_000

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,189}")
_LANGUAGE = re.compile(r"(?=.{2,35}$)[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def objections_to(order: OrderFacts) -> list[Reason]:
    """List every reason why this cannot be an order; empty when it can be one."""
    reasons = list(_about_words("external_id", order.external_id, LONGEST_ID))
    if not _SLUG.fullmatch(order.channel):
        reasons.append(Reason("invalid", said("A channel is a short name such as shop-uk."), "channel"))
    reasons += _about_time("placed_at", order.placed_at)
    if order.delivered_at is not None:
        reasons += _about_time("delivered_at", order.delivered_at)
    if not 0 <= order.shipping_minor < LARGEST_MINOR:
        reasons.append(Reason("invalid", said("Shipping cannot be negative."), "shipping_minor"))
    if order.customer is not None:
        reasons += _about_customer(order.customer)
    if len(order.lines) > MOST_LINES:
        reasons.append(Reason("invalid", said("An order has at most {most} lines.", most=MOST_LINES), "lines"))
    reasons += _about_lines(order.lines)
    reasons += _about_payments(order.payments)
    return reasons


def _about_customer(customer: CustomerFacts) -> Iterator[Reason]:
    yield from _about_words("customer.external_id", customer.external_id, LONGEST_ID)
    yield from _about_text("customer.name", customer.name, 120)
    yield from _about_text("customer.country", customer.country, 60)
    if customer.language and not _LANGUAGE.fullmatch(customer.language):
        yield Reason("invalid", said("A language is a BCP 47 tag such as en or de-AT."), "customer.language")
    if customer.email and not _EMAIL.fullmatch(customer.email):
        yield Reason("invalid", said("That is not an e-mail address."), "customer.email")


def _about_lines(lines: Sequence[LineFacts]) -> Iterator[Reason]:
    if not lines:
        yield Reason("invalid", said("An order has at least one line."), "lines")
    seen: set[str] = set()
    for place, line in enumerate(lines):
        field = f"lines[{place}]"
        yield from _about_words(f"{field}.line", line.line, 40)
        yield from _about_words(f"{field}.sku", line.sku, LONGEST_ID)
        yield from _about_text(f"{field}.title", line.title, 200)
        yield from _about_text(f"{field}.category", line.category, 60)
        if line.line in seen:
            yield Reason("invalid", said("Line {line} is there twice.", line=line.line), f"{field}.line")
        seen.add(line.line)
        if not 0 < line.quantity <= LARGEST_QUANTITY:
            yield Reason(
                "invalid", said("Line {line} needs a quantity of at least 1.", line=line.line), f"{field}.quantity"
            )
        if not 0 <= line.unit_price_minor < LARGEST_MINOR:
            yield Reason(
                "invalid",
                said("The price of line {line} cannot be negative.", line=line.line),
                f"{field}.unit_price_minor",
            )
        elif line.quantity * line.unit_price_minor >= LARGEST_MINOR:
            yield Reason(
                "invalid", said("Line {line} costs more than any payment.", line=line.line), f"{field}.unit_price_minor"
            )


def _about_payments(payments: Sequence[PaymentFacts]) -> Iterator[Reason]:
    seen: set[tuple[str, str]] = set()
    for place, payment in enumerate(payments):
        field = f"payments[{place}]"
        yield from _about_words(f"{field}.gateway", payment.gateway, 40)
        yield from _about_words(f"{field}.external_id", payment.external_id, 120)
        yield from _about_text(f"{field}.method", payment.method, 40)
        yield from _about_text(f"{field}.last4", payment.last4, 4)
        yield from _about_time(f"{field}.captured_at", payment.captured_at)
        if (payment.gateway, payment.external_id) in seen:
            yield Reason(
                "invalid",
                said("Payment {number} is there twice.", number=payment.external_id),
                f"{field}.external_id",
            )
        seen.add((payment.gateway, payment.external_id))
        if not 0 < payment.captured_minor < LARGEST_MINOR:
            yield Reason("invalid", said("A captured amount is more than zero."), f"{field}.captured_minor")
        if not known_currency(payment.currency):
            yield Reason(
                "unknown_currency",
                said("There is no currency “{currency}”.", currency=payment.currency),
                f"{field}.currency",
            )
    if len({payment.currency for payment in payments}) > 1:
        yield Reason("currency_mismatch", said("All payments of an order are in one currency."), "payments")


def _about_words(field: str, text: str, longest: int) -> Iterator[Reason]:
    if not text.strip():
        yield Reason("invalid", said("{field} is empty.", field=field), field)
    yield from _about_text(field, text, longest)


def _about_text(field: str, text: str, longest: int) -> Iterator[Reason]:
    if len(text) > longest:
        yield Reason("invalid", said("{field} has more than {most} characters.", field=field, most=longest), field)
    elif "\x00" in text:
        yield Reason("invalid", said("{field} holds a NUL character.", field=field), field)


def _about_time(field: str, at: datetime) -> Iterator[Reason]:
    if at.tzinfo is None:
        yield Reason("invalid", said("{field} needs a time zone.", field=field), field)
