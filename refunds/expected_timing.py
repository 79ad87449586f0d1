"""When a customer sees the money, by the way it goes back: one table, each figure with its source.

Business days, because banks count so. The figures end where the source ends; nothing is promised more exactly than
those who move the money promise it, and a way nobody told us about counts as the slowest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.kernel.wording import said
from evidence.vocabulary import Language

from .vocabulary import Method

if TYPE_CHECKING:
    from .models import Payment, RefundRequest


@dataclass(frozen=True, slots=True)
class Expected:
    """From how many to how many business days, after the money left us; none for what is there at once."""

    way: str
    from_days: int
    to_days: int
    source: str

    @property
    def period(self) -> str:
        """Say it to somebody who works here."""
        if not self.to_days:
            return said("at once")
        return said(
            "{least} to {most} business days; weekends and public holidays do not count",
            least=self.from_days,
            most=self.to_days,
        )

    def sentence(self, language: Language = Language.ENGLISH) -> str:
        """Tell the customer."""
        words = _AT_ONCE if not self.to_days else _SAME if self.from_days == self.to_days else _RANGE
        return words[language].format(least=self.from_days, most=self.to_days)


_RANGE: Final = {
    Language.ENGLISH: "You can expect to see it within {least} to {most} business days. Weekends and public holidays"
    " do not count, and some banks are slower than others.",
    Language.GERMAN: "In der Regel sehen Sie das Geld innerhalb von {least} bis {most} Bankarbeitstagen. Wochenenden"
    " und Feiertage zählen nicht mit, und nicht jede Bank ist gleich schnell.",
}
_SAME: Final = {
    Language.ENGLISH: "You can expect to see it within {most} business days. Weekends and public holidays do not count,"
    " and some banks are slower than others.",
    Language.GERMAN: "In der Regel sehen Sie das Geld innerhalb von {most} Bankarbeitstagen. Wochenenden und Feiertage"
    " zählen nicht mit, und nicht jede Bank ist gleich schnell.",
}
_AT_ONCE: Final = {
    Language.ENGLISH: "You can use it at once.",
    Language.GERMAN: "Sie können es sofort verwenden.",
}

_CARD: Final = Expected(said("Card"), 5, 10, said("Stripe support: a card refund shows after 5 to 10 business days"))

EXPECTED: Final[dict[str, Expected]] = {
    "card": _CARD,
    "wallet": Expected(
        said("Wallet"), 5, 10, said("A wallet pays with a card behind it, and the refund goes to that card")
    ),
    "sepa_debit": Expected(said("SEPA direct debit"), 3, 4, said("Stripe documentation of SEPA direct debit refunds")),
    "bank_debit": Expected(
        said("Direct debit"), 5, 10, said("No figure is published for every scheme; as slow as a card")
    ),
    "bank_transfer": Expected(
        "Bank transfer",
        1,
        3,
        "PSD2, article 83: at the payee's bank a business day later, two on paper",
    ),
    "store_credit": Expected(said("Store credit"), 0, 0, said("We book it ourselves")),
}
"""By the way the money goes back."""

UNKNOWN: Final = Expected(said("Not known"), 5, 10, said("The way is not known; as slow as a card"))

_WALLETS: Final = frozenset({"apple_pay", "google_pay", "samsung_pay", "link", "paypal"})


def expected_for(refund_request: RefundRequest) -> Expected:
    """Say when the customer of this request sees the money."""
    payout = refund_request.payout
    method = refund_request.method if payout is None else payout.method
    return EXPECTED.get(_way_of(method, refund_request.payment), UNKNOWN)


def _way_of(method: str, payment: Payment | None) -> str:
    if method != Method.ORIGINAL:
        return method
    paid_with = payment.method.strip().lower().replace(" ", "_").replace("-", "_") if payment is not None else ""
    return "wallet" if paid_with in _WALLETS else paid_with
