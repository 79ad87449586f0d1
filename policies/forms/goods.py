"""Reasons, the state goods come back in, and goods that stay out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from config.kernel.wording import said
from policies.vocabulary import Condition, Reason

from .chapter import Chapter, Grid, Row, without_blanks
from .fields import ManyField, ShareField, number_input, pick, tick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.engine.document import PolicyDocument

BY_REASON = "conditions.accepted_by_reason"
SHARES = "conditions.restocking_basis_points"
NOTHING = "nothing"
CONDITIONS = dict(Condition.choices)
REASONS = dict(Reason.choices)
DISPUTES = {"block": said("Blocks the money"), "exception": said("Goes to a reviewer")}


class Reasons(Chapter):
    """Reasons that a person decides at any amount, and reasons that never pay."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for both lists, and what an open dispute does."""
        super().__init__(said("Reasons and disputes"))
        deadline = said("A person decides while evidence for a dispute is due within (hours)")
        hours = forms.IntegerField(
            label=deadline, required=False, initial=document.dispute_deadline_hours, widget=number_input(deadline)
        )
        self.plain = [
            self.add(
                "reasons_always_escalated",
                ManyField(REASONS, label=said("Always decided by a person"), initial=document.reasons_always_escalated),
            ),
            self.add("reasons_blocked", ManyField(REASONS, label=said("Blocked"), initial=document.reasons_blocked)),
            self.add(
                "open_dispute",
                pick(
                    DISPUTES,
                    label=said("An open dispute on the payment"),
                    initial=document.open_dispute,
                    is_required=True,
                ),
            ),
            self.add("dispute_deadline_hours", hours),
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write both lists and what a dispute does; a blank deadline brings nobody in."""
        for name in self.plain:
            document[name] = answers.get(name)


class Conditions(Chapter):
    """States in which goods are accepted, and what the shop keeps for restocking."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for all goods, then by reason."""
        conditions = document.conditions
        super().__init__(
            said("Condition"), said("A reason without a tick goes by the states of all goods; grey says so.")
        )
        self.plain = [
            self.add(
                "conditions.accepted",
                ManyField(CONDITIONS, label=said("All goods: accepted"), initial=conditions.accepted),
            ),
            self.add(
                "conditions.restocking_reasons",
                ManyField(
                    REASONS, label=said("Restocking is kept for these reasons"), initial=conditions.restocking_reasons
                ),
            ),
        ]
        shares = [
            Row(
                label, [[self.add(f"{SHARES}.{condition}", self._share(conditions.restocking_basis_points, condition))]]
            )
            for condition, label in CONDITIONS.items()
        ]
        self.grids.append(Grid(said("Kept for restocking"), [said("Percent")], shares))
        rows = []
        for reason, label in REASONS.items():
            own = conditions.accepted_by_reason.get(reason)
            choices = {**CONDITIONS, NOTHING: said("not at all")}
            ticked = () if own is None else own or {NOTHING}
            name = self.add(
                f"{BY_REASON}.{reason}",
                ManyField(choices, label=said("{label}: accepted", label=label), initial=ticked),
            )
            rows.append(Row(label, [[name]], falls_back=said("as all goods") if own is None else ""))
        self.grids.append(Grid(said("By reason"), [said("Accepted")], rows))

    def _share(self, shares: Mapping[str, int], condition: str) -> ShareField:
        return ShareField(
            label=said("{conditions}: percent kept", conditions=CONDITIONS[condition]), initial=shares.get(condition)
        )

    def check(self, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Refuse “not at all” beside a state."""
        names = [f"{BY_REASON}.{reason}" for reason in REASONS]
        return [
            (name, said("“Not at all” stands alone."))
            for name in names
            if NOTHING in answers.get(name, ()) and len(answers[name]) > 1
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write states and shares."""
        chosen = {reason: answers.get(f"{BY_REASON}.{reason}") for reason in REASONS}
        document["conditions"] = {
            "accepted": answers.get("conditions.accepted"),
            "accepted_by_reason": {
                reason: [state for state in states if state != NOTHING] for reason, states in chosen.items() if states
            },
            "restocking_basis_points": without_blanks(
                {condition: answers.get(f"{SHARES}.{condition}") for condition in CONDITIONS}
            ),
            "restocking_reasons": answers.get("conditions.restocking_reasons"),
        }


class Exclusions(Chapter):
    """Goods that come back only as an exception."""

    def __init__(self, document: PolicyDocument) -> None:
        """Ask for final sales and for product categories."""
        super().__init__(said("Excluded goods"), said("They come back only as an exception."))
        exclusions = document.exclusions
        self.plain = [
            self.add(
                "exclusions.excludes_final_sale", tick(said("Final sales"), initial=exclusions.excludes_final_sale)
            ),
            self.add(
                "exclusions.product_categories",
                forms.CharField(
                    label=said("Product categories, one a line"),
                    required=False,
                    max_length=4000,
                    initial="\n".join(sorted(exclusions.product_categories)),
                    widget=forms.Textarea(attrs={"rows": 3}),
                ),
            ),
        ]

    def write(self, answers: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Write them."""
        lines = str(answers.get("exclusions.product_categories") or "").splitlines()
        document["exclusions"] = {
            "excludes_final_sale": bool(answers.get("exclusions.excludes_final_sale")),
            "product_categories": sorted({line.strip() for line in lines} - {""}),
        }
