"""What leaves only in a batch that somebody releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.kernel.wording import said

from .chapter import Chapter, without_blanks
from .fields import AmountField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.document import PolicyDocument

ABOVE = "release_above_minor"


class Release(Chapter):
    """Above which amounts approved money waits for one more pair of eyes."""

    def __init__(self, document: PolicyDocument, currencies: Sequence[str]) -> None:
        """Ask for an amount in every currency."""
        super().__init__(
            said("Release"),
            said(
                "Approved money above these amounts waits until somebody in finance who had no part in it "
                "releases it, in"
                " batches. Blank asks for nothing; 0 for all of it."
            ),
        )
        self.currencies = currencies
        self.plain = [
            self.add(
                f"{ABOVE}.{currency}",
                AmountField(
                    currency,
                    label=said("Released by a second person above ({currency})", currency=currency),
                    initial=document.release_above_minor.get(currency),
                ),
            )
            for currency in currencies
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the amounts that were given."""
        document[ABOVE] = without_blanks({code: answers.get(f"{ABOVE}.{code}") for code in self.currencies})
