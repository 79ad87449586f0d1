"""Who signs besides, in the cases that need it: a row for who, and a row for when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from approvals.vocabulary import Category
from config.kernel.wording import said
from policies.engine.amounts import spoken
from policies.engine.signatures import MOST_EXTRAS
from policies.engine.words import Risk
from policies.vocabulary import Reason

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import AmountField, ManyField, tick
from .signature import ASKED, COLUMNS, ask_signature, mistakes_in_signature, roles_named, signature_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.engine.document import PolicyDocument
    from policies.engine.signatures import Extra

SPARE_ROWS = 2
WORDS: Final = ("risks", "reasons", "exception_codes", "categories")


class Extras(Chapter):
    """Signatures that only some cases need."""

    def __init__(
        self, document: PolicyDocument, currencies: Sequence[str], roles: Sequence[str], codes: Mapping[str, str]
    ) -> None:
        """Ask for one extra signature a row; `codes` maps an exception code to its label."""
        super().__init__(
            said("Extra signatures"),
            said(
                "A signature besides those of the tier, by somebody who has not signed yet. It is asked for "
                "when everything"
                " ticked or entered below holds: of each list one word, and more than the amount in its currency."
            ),
        )
        self.currencies = currencies
        also: list[Extra | None] = list(document.approval.also)
        self.row_count = min(len(also) + SPARE_ROWS, MOST_EXTRAS)
        also += [None] * (self.row_count - len(also))
        offered = roles_named(roles, document.approval.also)
        named = {code for extra in document.approval.also for code in extra.when.exception_codes}
        choices = {
            "risks": {str(risk): spoken(risk) for risk in Risk},
            "reasons": dict(Reason.choices),
            "exception_codes": {**codes, **{code: code for code in sorted(named - codes.keys())}},
            "categories": dict(Category.choices),
        }
        who, when = [], []
        for place, extra in enumerate(also):
            head, name = said("Extra {n}", n=place + 1), f"extra.{place}"
            asked = ask_signature(self, name, head, offered, extra)
            who.append(Row(head, [*[[field] for field in asked], [self.add(f"{name}.remove", tick("remove"))]]))
            when.append(Row(head, [[field] for field in self._ask_when(name, head, choices, extra)]))
        amounts = [said("More than ({currency})", currency=currency) for currency in currencies]
        self.grids.append(Grid(said("Who signs besides"), [*COLUMNS, said("Remove")], who))
        self.grids.append(
            Grid(said("When"), [said("Risk"), said("Reason"), said("Exception code"), said("Category"), *amounts], when)
        )

    def _ask_when(
        self, name: str, head: str, choices: Mapping[str, Mapping[str, str]], extra: Extra | None
    ) -> list[str]:
        asked = [
            self.add(
                f"{name}.{words}",
                ManyField(
                    choices[words],
                    label=f"{head}: {words.replace('_', ' ')}",
                    initial=getattr(extra.when, words) if extra is not None else (),
                ),
            )
            for words in WORDS
        ]
        limits = extra.when.above_minor if extra is not None else {}
        asked += [
            self.add(
                f"{name}.above_minor.{currency}",
                AmountField(
                    currency,
                    label=said("{head}: more than {currency}", head=head, currency=currency),
                    initial=limits.get(currency),
                ),
            )
            for currency in self.currencies
        ]
        return asked

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse half a row."""
        problems: list[tuple[str, str]] = []
        for place in self._filled(answers):
            name = f"extra.{place}"
            problems += mistakes_in_signature(answers, name)
            if not any(self._when(answers, name).values()):
                problems.append((f"{name}.risks", said("Tick or enter when this signature is needed.")))
        return problems

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write the rows that were filled in, in their order, beside the tiers."""
        also: list[dict[str, Any]] = []
        for place in self._filled(answers):
            name, path = f"extra.{place}", f"approval.also.{len(also)}"
            self.places[path] = f"{name}.role"
            self.places[f"{path}.when"] = f"{name}.risks"
            for asked in ASKED:
                self.places[f"{path}.{asked}"] = f"{name}.{asked}"
            for asked in (*WORDS, *[f"above_minor.{currency}" for currency in self.currencies]):
                self.places[f"{path}.when.{asked}"] = f"{name}.{asked}"
            also.append({**signature_of(answers, name), "when": self._when(answers, name)})
        document["approval"]["also"] = also

    def _when(self, answers: Mapping[str, Any], name: str) -> dict[str, Any]:
        limits = {code: answers.get(f"{name}.above_minor.{code}") for code in self.currencies}
        return {
            **{words: answers.get(f"{name}.{words}") or [] for words in WORDS},
            "above_minor": without_blanks(limits),
        }

    def _filled(self, answers: Mapping[str, Any]) -> list[int]:
        return [
            place
            for place in range(self.row_count)
            if not answers.get(f"extra.{place}.remove")
            and (
                any(answers.get(f"extra.{place}.{asked}") not in {None, ""} for asked in ASKED)
                or any(self._when(answers, f"extra.{place}").values())
            )
        ]
