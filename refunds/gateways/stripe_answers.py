"""What each of Stripe's failures means for the money; the table of money.md section 11.1 as code."""

from __future__ import annotations

import logging

import stripe

from refunds.gateways.base import KeyRefused, Outcome, Rejected, Retry, Unknown

log = logging.getLogger(__name__)

BUSY_SECONDS = 2
LIMITED_SECONDS = 5

NOT_BEGUN_CODES = frozenset({"lock_timeout", "idempotency_key_in_use", "rate_limit"})
KEY_MISUSED = "idempotency_mismatch"
MAYBE_OURS_CODES = frozenset({"charge_already_refunded", "amount_too_large", KEY_MISUSED})
"""Refused because too little is left, or because the key was used: it may be our own earlier try that took it."""

_CONFLICT = 409
_SERVER_ERROR = 500


def outcome_of(error: stripe.StripeError) -> Outcome:
    """Translate a failed refund call; whatever is not certainly "not done" is Unknown."""
    match error:
        case stripe.AuthenticationError() | stripe.PermissionError():
            log.critical("Stripe refuses our key: %s", error.user_message)
            return KeyRefused(_sentence(error))
        case stripe.IdempotencyError():
            # Only a bug of ours sends two bodies under one key; a person must hear of it.
            log.critical("Stripe saw one idempotency key with two bodies: %s", error.user_message)
            return Rejected(KEY_MISUSED, _sentence(error))
        case stripe.RateLimitError():
            return Retry(_seconds_to_wait(error, LIMITED_SECONDS), _sentence(error), is_for_everybody=True)
        case _ if error.http_status == _CONFLICT or _code(error) in NOT_BEGUN_CODES:
            return Retry(_seconds_to_wait(error, BUSY_SECONDS), _sentence(error))
        case stripe.CardError() | stripe.InvalidRequestError() if (error.http_status or _SERVER_ERROR) < _SERVER_ERROR:
            return Rejected(_code(error) or "invalid_request", _sentence(error))
        case _:
            return Unknown(f"{type(error).__name__}: {_sentence(error)}", is_replayed=_is_replayed(error))


def _code(error: stripe.StripeError) -> str:
    """Read the error code, from the body too: the SDK drops it for some of its classes."""
    return error.code or (error.error.code if error.error else None) or ""


def _sentence(error: stripe.StripeError) -> str:
    return (error.user_message or "Stripe gave no reason.")[:500]


def _seconds_to_wait(error: stripe.StripeError, otherwise: int) -> int:
    told = _header(error, "retry-after")
    return min(int(told), 3600) if told.isascii() and told.isdigit() else otherwise


def _is_replayed(error: stripe.StripeError) -> bool:
    return _header(error, "idempotent-replayed") == "true"


def _header(error: stripe.StripeError, name: str) -> str:
    return next((value for key, value in dict(error.headers or {}).items() if key.lower() == name), "")
