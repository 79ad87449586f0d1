"""Quality: codes that cost too much, and closing what was fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from analytics.remediation.closing import confirm_closing, propose_closing
from analytics.remediation.permissions import CONFIRMS, SEES, items_visible_to
from analytics.remediation.saying import LONGEST, LONGEST_LINK
from analytics.remediation.vocabulary import STANDING, Colour, ItemState
from config.kernel.bodies import ExactSerializer, PageQuery, WordField
from config.kernel.pages import CursorPages
from config.kernel.rest import ApiView
from config.kernel.schema import page_of
from policies.vocabulary import CodeKind

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request
    from rest_framework.response import Response

    from analytics.models import RemediationItem

OK = 200
ACCEPTED = 202


class ItemQuery(PageQuery):
    """Which items."""

    state = serializers.ChoiceField(choices=ItemState.choices, required=False)
    colour = serializers.ChoiceField(choices=Colour.choices, required=False)
    code = serializers.CharField(max_length=40, required=False)
    owner = serializers.CharField(max_length=150, required=False, help_text="A username.")


class CostAnswer(serializers.Serializer[Any]):
    """What a code leaked in one currency."""

    currency = serializers.CharField()
    leaked_minor = serializers.IntegerField()


class ItemAnswer(serializers.Serializer[Any]):
    """A code that costs too much, who fixes it, and how far that got.

    `use_count` of `request_count` and `cost` are of every team, in the days of the rule, as of `counted_at`.
    """

    id = serializers.UUIDField()
    code_kind = serializers.ChoiceField(choices=CodeKind.choices)
    code = serializers.CharField()
    state = serializers.ChoiceField(choices=ItemState.choices)
    colour = serializers.ChoiceField(choices=Colour.choices)
    use_count = serializers.IntegerField()
    request_count = serializers.IntegerField()
    cost = serializers.SerializerMethodField()
    counted_at = serializers.DateTimeField(allow_null=True)
    owner_team = serializers.CharField()
    owner = serializers.CharField(source="owner.username", allow_null=True, default=None)
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField(
        source="opened_by.username", allow_null=True, default=None, help_text="null: the rule."
    )
    due_at = serializers.DateTimeField(help_text="By when the next step is due.")
    round = serializers.IntegerField(help_text="How often it was opened.")
    proposed_by = serializers.CharField(source="proposed_by.username", allow_null=True, default=None)
    confirmed_by = serializers.CharField(source="confirmed_by.username", allow_null=True, default=None)
    test_due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    page = serializers.CharField(source="get_absolute_url")

    @extend_schema_field(CostAnswer(many=True))
    def get_cost(self, item: RemediationItem) -> list[dict[str, Any]]:
        """Answer each currency by itself."""
        return [{"currency": currency, "leaked_minor": minor} for currency, minor in sorted(item.cost.items())]


class CloseBody(ExactSerializer):
    """What was achieved, and where it can be seen; the second person repeats or leaves out both."""

    note = WordField(max_length=LONGEST, required=False, default="", allow_blank=True)
    evidence_link = WordField(max_length=LONGEST_LINK, required=False, default="", allow_blank=True)


class NewestItems(CursorPages):
    """Newest first."""

    ordering = ("-opened_at", "-id")


class Items(ApiView):
    """What is to be fixed."""

    asks = {"GET": SEES}

    @extend_schema(
        operation_id="list_remediation_items",
        summary="List remediation items: codes that cost too much, and who fixes them",
        description="Without a state, those that are not closed.",
        tags=["Quality"],
        parameters=[ItemQuery],
        responses=page_of(ItemAnswer),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Answer one page, newest first."""
        asked = self.query(ItemQuery)
        columns = {"state": "state", "colour": "colour", "code": "code", "owner": "owner__username"}
        wanted = {column: asked[name] for name, column in columns.items() if name in asked}
        found = items_visible_to(self.caller).filter(
            **{"state__in": STANDING, **wanted} if "state" not in asked else wanted
        )
        return self.page(found.select_related(*_PEOPLE), ItemAnswer, NewestItems)


class CloseItem(ApiView):
    """Close what was fixed."""

    asks = {"POST": CONFIRMS}

    @extend_schema(
        operation_id="close_remediation_item",
        summary="Propose to close an item, or agree as the second person",
        description=(
            "After its change was made, whoever works on items proposes to close one, with a note and a link, or a "
            "file added on its page: 202. The same call by somebody else, who neither proposed it nor owns the item, "
            "agrees: 200, `verifying`. An effect test then closes it for good or opens it again."
        ),
        tags=["Quality"],
        request=CloseBody,
        responses={OK: ItemAnswer, ACCEPTED: ItemAnswer},
    )
    def post(self, request: Request, item_id: UUID) -> Response:  # noqa: ARG002
        """Say it, and answer how the item stands."""
        known = items_visible_to(self.caller).filter(pk=item_id).first()
        if known is None:
            raise Http404
        body = self.read(CloseBody)
        words: dict[str, Any] = {"item_id": item_id, "actor": self.caller, "at": timezone.now()}
        if known.proposed_by_id is None or known.proposed_by_id == self.caller.pk:
            done = propose_closing(note=body["note"], evidence_link=body["evidence_link"], **words)
        else:
            done = confirm_closing(**words)
        rows = items_visible_to(self.caller).filter(pk=item_id).select_related(*_PEOPLE)
        return self.shown(rows, ItemAnswer, OK if done.state == ItemState.VERIFYING else ACCEPTED)


_PEOPLE = ("owner", "opened_by", "proposed_by", "confirmed_by")
