"""Read what people typed; a form never saves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django import forms

from approvals.rationale import LONGEST_RATIONALE
from config.kernel.money import Money
from config.kernel.refusals import Reason, Refused
from config.kernel.typed import read_amount, typed_amount
from config.kernel.web import number_in
from config.kernel.wording import said, told, why_no_amount
from policies.offered_codes import offered_reasons
from policies.vocabulary import Condition

from .helpdesk.tickets import TicketName
from .intake import AskedLine, Draft
from .vocabulary import BulkReason, Method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.models import ReasonCode

    from .models import Order, OrderLine, RefundLine, RefundRequest

LARGEST_QUANTITY = 1_000_000


class DecisionForm(forms.Form):
    """What an approver or reviewer says: an amount, a code, a rationale."""

    amount = forms.CharField(
        label=said("Amount"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num", "autocomplete": "off"}),
    )
    exception_code = forms.ChoiceField(required=False, label=said("Exception code"))
    rationale = forms.CharField(
        label=said("Rationale"),
        required=False,
        max_length=LONGEST_RATIONALE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("Required to decline, to lower the amount and for exceptions. Kept in the approval record."),
    )

    def __init__(
        self, data: Mapping[str, str] | None = None, *, refund_request: RefundRequest, codes: list[str] | None = None
    ) -> None:
        """Offer only the codes that cover what failed, and the amount as asked."""
        asked = refund_request.asked
        super().__init__(data, auto_id=f"id_{refund_request.reference}_%s", initial={"amount": typed_amount(asked)})
        self.currency = refund_request.currency
        self.fields["amount"].label = said("Amount in {currency}", currency=self.currency)
        self.fields["amount"].help_text = said("At most {amount}.", amount=asked)
        needed = ["exception_code", "rationale"] if codes is not None else []
        for name in needed or (["rationale"] if refund_request.exception_code else []):
            # The letter A goes to the first of these that is empty, then to the button.
            self.fields[name].widget.attrs |= {"data-key": "a", "required": True}
        if refund_request.payout_id is not None:
            del self.fields["amount"]
        if codes is None:
            del self.fields["exception_code"]
        else:
            del self.fields["amount"]
            offered = self.fields["exception_code"]
            if isinstance(offered, forms.ChoiceField):
                offered.choices = [
                    ("", said("Choose a code")),
                    *((code, code.replace("_", " ").capitalize()) for code in codes),
                ]

    def clean_amount(self) -> int | None:
        """Answer minor units; None when the field was left alone."""
        text = str(self.cleaned_data["amount"]).strip()
        if not text:
            return None
        try:
            return read_amount(text, self.currency)
        except ValueError as error:
            raise forms.ValidationError(told(why_no_amount(error))) from None


@dataclass
class TypedLine:
    """One order line of the intake form with what was typed beside it."""

    line: OrderLine
    quantity: str = ""
    condition: str = Condition.UNOPENED.value
    amount: str = ""
    error: str = ""


@dataclass
class IntakeForm:
    """The intake form as typed, so that a refusal gives everything back to the person who typed it."""

    order: Order
    lines: list[TypedLine]
    reason: str = ""
    legal_basis: str = ""
    method: str = Method.ORIGINAL.value
    connect_share: str = ""
    note: str = ""
    shipping: str = ""
    ticket: str = ""
    errors: list[Reason] = field(default_factory=list)

    @classmethod
    def from_draft(cls, order: Order, draft: RefundRequest | None) -> IntakeForm:
        """Show what was kept, or an empty form."""
        kept: dict[int, RefundLine] = {}
        if draft is not None:
            kept = {line.order_line_id: line for line in draft.lines.all()}
        lines = [_typed(line, kept.get(line.pk)) for line in order.lines.order_by("pk")]
        if draft is None:
            return cls(order, lines)
        shipping = typed_amount(Money(draft.shipping_minor, order.currency)) if draft.shipping_minor else ""
        return cls(
            order,
            lines,
            reason=draft.reason_id or "",
            legal_basis=draft.legal_basis,
            method=draft.method,
            connect_share=draft.connect_share,
            note=draft.note,
            shipping=shipping,
        )

    @classmethod
    def from_post(cls, order: Order, post: Mapping[str, str]) -> IntakeForm:
        """Take what was typed, as it was typed."""
        lines = [
            TypedLine(
                line,
                quantity=post.get(f"quantity_{line.pk}", "").strip(),
                condition=post.get(f"condition_{line.pk}", Condition.UNOPENED.value),
                amount=post.get(f"amount_{line.pk}", "").strip(),
            )
            for line in order.lines.order_by("pk")
        ]
        return cls(
            order,
            lines,
            reason=post.get("reason", ""),
            legal_basis=post.get("legal_basis", ""),
            method=post.get("method", "") or Method.ORIGINAL.value,
            connect_share=post.get("connect_share", ""),
            note=post.get("note", ""),
            shipping=post.get("shipping", "").strip(),
            ticket=post.get("ticket", "").strip(),
        )

    def draft(self) -> Draft:
        """Read the form.

        :raises Refused: with every field that cannot be read
        """
        self.errors = []
        asked: list[AskedLine] = []
        for typed in self.lines:
            if typed.quantity in {"", "0"}:
                continue
            line = self._asked(typed)
            if line is not None:
                asked.append(line)
        shipping = self._amount(self.shipping, "shipping") or 0
        if self.errors:
            raise Refused.of(self.errors)
        return Draft(
            channel=self.order.channel,
            order=self.order.external_id,
            reason=self.reason,
            legal_basis=self.legal_basis,
            method=self.method,
            connect_share=self.connect_share,
            note=self.note,
            lines=asked,
            shipping_minor=shipping,
            ticket=TicketName.of(self.ticket),
        )

    def _asked(self, typed: TypedLine) -> AskedLine | None:
        name = f"quantity_{typed.line.pk}"
        quantity = number_in(typed.quantity)
        if quantity is None or quantity > LARGEST_QUANTITY:
            self._refuse(typed, name, said("Line {line}: enter a whole number.", line=typed.line.line))
            return None
        if typed.condition not in Condition.values:
            self._refuse(
                typed, f"condition_{typed.line.pk}", said("Line {line}: choose a condition.", line=typed.line.line)
            )
            return None
        before = len(self.errors)
        amount = self._amount(typed.amount, f"amount_{typed.line.pk}")
        if len(self.errors) > before:
            typed.error = self.errors[-1].detail
            return None
        return AskedLine(line=typed.line.line, quantity=quantity, condition=typed.condition, amount_minor=amount)

    def _amount(self, text: str, name: str) -> int | None:
        if not text:
            return None
        try:
            return read_amount(text, self.order.currency)
        except ValueError as error:
            self.errors.append(Reason("invalid", why_no_amount(error), name))
            return None

    def _refuse(self, typed: TypedLine, name: str, sentence: str) -> None:
        typed.error = sentence
        self.errors.append(Reason("invalid", sentence, name))


def _typed(line: OrderLine, kept: RefundLine | None) -> TypedLine:
    if kept is None:
        return TypedLine(line)
    is_lowered = kept.amount_minor != kept.quantity * line.unit_price_minor
    currency = kept.refund_request.currency
    amount = typed_amount(Money(kept.amount_minor, currency)) if is_lowered else ""
    return TypedLine(line, quantity=str(kept.quantity), condition=kept.condition, amount=amount)


def reason_choices() -> list[ReasonCode]:
    """List the reasons a request may give."""
    return list(offered_reasons())


class BulkForm(forms.Form):
    """Why many requests are approved at once: one reason of a short list, and words if there are any."""

    reason = forms.ChoiceField(choices=BulkReason.choices, initial=BulkReason.IN_POLICY, label=said("Rationale"))
    note = forms.CharField(
        label=said("Note"),
        required=False,
        max_length=LONGEST_RATIONALE // 2,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=said("Kept in the approval record of each request."),
    )

    @property
    def chosen_reason(self) -> BulkReason:
        """The reason of a form that is valid."""
        return BulkReason(self.cleaned_data["reason"])
