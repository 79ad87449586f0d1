"""What may be asked: a new request, a list of them, the words of each verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from approvals.rationale import LONGEST_RATIONALE
from approvals.vocabulary import Category
from config.kernel.bodies import (
    CountField,
    CurrencyField,
    ExactSerializer,
    FlagField,
    MinorField,
    MomentQuery,
    PageQuery,
    WordField,
)
from config.kernel.money import LARGEST_MINOR
from config.kernel.refusals import Refused
from policies.offered_codes import why_not_offered
from policies.vocabulary import CodeKind, Condition, LegalBasis
from refunds.intake import LONGEST_NOTE
from refunds.vocabulary import ConnectShare, Method, State

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ID = 80
LONGEST_CODE = 40
MOST_LINES = 2_000
FILEABLE = [(word.value, word.label) for word in (Category.REFUND, Category.GOODWILL_CREDIT)]
ONLY_FOR_CREDITS = ("amount_minor", "customer", "team")
ONLY_FOR_REFUNDS = ("lines", "shipping_minor", "connect_share", "legal_basis")


class AskedLineBody(ExactSerializer):
    """How many of one order line come back."""

    line = WordField(max_length=LONGEST_CODE)
    quantity = CountField()
    condition = serializers.ChoiceField(Condition.choices, required=False, default=Condition.UNOPENED.value)
    amount_minor = MinorField(required=False, allow_null=True, default=None, help_text="Lowers what the line costs.")


class TicketBody(ExactSerializer):
    """A ticket of a helpdesk that the request answers."""

    helpdesk = WordField(max_length=30)
    id = WordField(max_length=LONGEST_ID)


class NewRequestBody(ExactSerializer):
    """A new refund request; a goodwill credit names its amount instead of lines."""

    # Not “any of”: generators of typed clients would see two bodies, and neither with its fields.
    schema_rules: ClassVar[Mapping[str, Any]] = {
        "if": {"required": ["category"], "properties": {"category": {"const": Category.GOODWILL_CREDIT.value}}},
        "then": {
            "required": ["amount_minor", "currency"],
            "if": {"required": ["order"]},
            "then": {"required": ["channel"]},
            "else": {"required": ["customer", "team"]},
            "not": {"anyOf": [{"required": [name]} for name in ONLY_FOR_REFUNDS]},
            "properties": {"method": {"const": Method.STORE_CREDIT.value}},
        },
        "else": {
            "required": ["channel", "order"],
            "not": {"anyOf": [{"required": [name]} for name in ONLY_FOR_CREDITS]},
        },
    }

    channel = WordField(max_length=50, required=False)
    order = WordField(max_length=LONGEST_ID, required=False)
    category = serializers.ChoiceField(FILEABLE, default=Category.REFUND.value)
    reason = WordField(max_length=LONGEST_CODE, required=False, allow_blank=True, default="")
    note = WordField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")
    lines = AskedLineBody(  # type: ignore[call-arg]  # read by the list around it
        many=True, required=False, max_length=MOST_LINES
    )
    shipping_minor = MinorField(required=False)
    method = serializers.ChoiceField(
        Method.choices,
        required=False,
        help_text="Left out it is `original`; a goodwill credit is always `store_credit`.",
    )
    connect_share = serializers.ChoiceField(
        ConnectShare.choices,
        required=False,
        allow_blank=True,
        help_text="Who bears it; a payment with `destination_charge` needs it, and no other takes it.",
    )
    legal_basis = serializers.ChoiceField(
        LegalBasis.choices,
        required=False,
        allow_blank=True,
        help_text="The ground the customer claims; empty goes by the reason.",
    )
    amount_minor = MinorField(required=False)
    currency = CurrencyField(required=False, max_length=3)
    customer = WordField(max_length=LONGEST_ID, required=False)
    team = WordField(max_length=50, required=False)
    ticket = TicketBody(required=False)
    submit = FlagField(required=False, default=True, help_text="False keeps a draft.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the category needs, and refuse what belongs to the other one."""
        is_refund = attrs["category"] == Category.REFUND
        if is_refund:
            needed: tuple[str, ...] = ("channel", "order")
        else:
            needed = ("amount_minor", "currency", *(("channel",) if "order" in attrs else ("customer", "team")))
        strange, of = (ONLY_FOR_CREDITS, "goodwill credit") if is_refund else (ONLY_FOR_REFUNDS, "refund")
        faults = {name: "This field is required." for name in needed if name not in attrs}
        faults |= {name: f"Only a {of} names this." for name in strange if name in attrs}
        if not is_refund and attrs.get("method", Method.STORE_CREDIT) != Method.STORE_CREDIT:
            faults["method"] = "A goodwill credit is given as store credit."
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class RequestQuery(PageQuery):
    """Which requests to list; every filter narrows."""

    state = serializers.MultipleChoiceField(
        choices=State.choices, required=False, help_text="May be given more than once."
    )
    team = serializers.CharField(max_length=50, required=False)
    reason = serializers.CharField(max_length=LONGEST_CODE, required=False)
    exception_code = serializers.CharField(max_length=LONGEST_CODE, required=False)
    customer = serializers.CharField(max_length=LONGEST_ID, required=False)
    order = serializers.CharField(max_length=LONGEST_ID, required=False)
    created_after = MomentQuery(required=False)
    created_before = MomentQuery(required=False)
    amount_min = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_MINOR)
    amount_max = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_MINOR)
    mine = serializers.BooleanField(required=False)
    ticket = serializers.CharField(
        max_length=LONGEST_ID + 31, required=False, help_text="Of one ticket, as `zendesk:35436`."
    )


class NoteBody(ExactSerializer):
    """A remark that is kept."""

    note = WordField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")


class QuestionBody(ExactSerializer):
    """What has to be answered before anybody decides."""

    question = WordField(max_length=LONGEST_NOTE, allow_blank=True)


class GrantBody(ExactSerializer):
    """Under which code a request departs from policy, and why."""

    exception_code = WordField(max_length=LONGEST_CODE)
    rationale = WordField(max_length=LONGEST_RATIONALE, allow_blank=True, required=False, default="")


class ApproveBody(ExactSerializer):
    """Why, and how much if less than asked."""

    rationale = WordField(max_length=LONGEST_RATIONALE, allow_blank=True, required=False, default="")
    exception_code = WordField(max_length=LONGEST_CODE, allow_blank=True, required=False, default="")
    amount_minor = MinorField(required=False, allow_null=True, default=None)

    def validate_exception_code(self, code: str) -> str:
        """Refuse a code that nobody owns."""
        why_not = why_not_offered(CodeKind.EXCEPTION, code) if code else ""
        if why_not:
            raise Refused("unknown_exception_code", why_not, "exception_code")
        return code


class DeclineBody(ExactSerializer):
    """Why not."""

    rationale = WordField(max_length=LONGEST_RATIONALE, allow_blank=True, required=False, default="")
    code = WordField(max_length=LONGEST_CODE, allow_blank=True, required=False, default="")


class PayoutBody(ExactSerializer):
    """How else to pay what failed, to whose account, and why."""

    method = serializers.ChoiceField(Method.choices)
    rationale = WordField(max_length=LONGEST_RATIONALE, allow_blank=True, required=False, default="")
    account_holder = WordField(max_length=70, allow_blank=True, required=False, default="")
    iban = WordField(max_length=50, allow_blank=True, required=False, default="")
