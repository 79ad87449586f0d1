"""Why a refund failed, in words that finance can act on; the processor's own code follows in brackets."""

from __future__ import annotations

from config.kernel.wording import joined, said

_SENTENCES = {
    "lost_or_stolen_card": said("The card was reported lost or stolen; the bank sent the money back."),
    "expired_or_canceled_card": said("The card has expired or was closed; the bank sent the money back."),
    "declined": said("The customer's bank declined the refund."),
    "insufficient_funds": said("The balance at the processor was too low."),
    "charge_for_pending_refund_disputed": said("The customer disputed the charge while the refund was on its way."),
    "merchant_request": said("The refund was cancelled at the processor."),
    "charge_already_refunded": said("The processor says this charge is refunded already."),
    "amount_too_large": said(
        "Less is left on this charge than was to go back; somebody refunded part of it elsewhere."
    ),
    "refunded_before_restore": said("The processor had refunded this before the database was restored from a backup."),
    "charge_disputed": said("The charge is disputed; the processor does not refund it."),
    "charge_expired_for_refund": said("The charge is too old to be refunded to the card."),
    "resource_missing": said("The processor does not know this charge."),
    "bank_returned": said("The bank could not deliver the transfer; the money came back."),
    "failed": said("The processor says it failed and gives no reason."),
    "canceled": said("The refund was cancelled at the processor."),
    "unknown": said("The processor says it failed and gives no reason."),
}


OTHER = "other"


def code_of(failure_reason: str) -> str:
    """Name the processor's code where it is one we know; what else it says may hold anything, so it is `other`."""
    code = failure_reason.partition(":")[0].strip()
    return code if code in _SENTENCES else OTHER


def in_plain_words(failure_reason: str) -> str:
    """Say a failure so that a person knows what happened; what we have no words for is shown as it came."""
    code, _, detail = failure_reason.partition(":")
    sentence = _SENTENCES.get(code.strip())
    if sentence is None:
        return failure_reason or said("No reason was given.")
    return joined([sentence, f"({code.strip()})"]) if detail else sentence
