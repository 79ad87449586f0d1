"""State, money and decisions are never changed in the admin site, whoever asks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Absence, Delegation, FreezeSwitch, LimitChange
from refunds.models import Delivery, Order, Statement
from tests.admin.desk import desk_of
from tests.harness.people import STORIES, settle
from tests.harness.world import NOON
from tests.refunds.breaks.found import a_break
from tests.refunds.outgoing.stage import endpoint_at

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

    from config.kernel.people import User
    from tests.harness.world import World

RECORDS = [
    "refunds.refundrequest",
    "refunds.operation",
    "refunds.payment",
    "refunds.order",
    "refunds.statement",
    "refunds.break",
    "refunds.webhookdelivery",
    "refunds.delivery",
    "approvals.approvalroute",
    "approvals.approvalstep",
    "approvals.approvaldecision",
    "approvals.absence",
    "approvals.delegation",
    "approvals.freezeswitch",
    "approvals.limitchange",
    "policies.policydecision",
    "kernel.apitoken",
]
LINKS = re.compile(r'href="(/admin/[^"?]+/change/)"')
PEOPLE = [name for name, story in STORIES.items() if not story.is_service_account]


@pytest.fixture
def money_out(world: World, amir: User, dana: User, lena: User) -> None:
    """One of everything: asked, judged, signed, queued, reported, told outside."""
    endpoint_at()
    world.approved(by=amir, approver=dana)
    Statement.objects.create(
        account="stripe",
        format="stripe",
        filename="a.csv",
        sha256="0" * 64,
        content=b"",
        currency="GBP",
        uploaded_by=lena,
        uploaded_at=NOON,
    )
    a_break(-5_00)
    Delivery.objects.create(source="stripe", event_id="evt_1", event_type="refund.updated", raw=b"{}", received_at=NOON)
    day = {"from_at": NOON, "until_at": NOON + timedelta(days=1)}
    Absence.objects.create(user=dana, **day, entered_by=dana, entered_at=NOON)
    Delegation.objects.create(lent_by=dana, lent_to=lena, **day, offered_at=NOON)
    FreezeSwitch.objects.create(
        scope="category", category="payout", why="Payouts went astray.", set_by=lena, set_at=NOON
    )
    LimitChange.objects.create(
        user=dana, category="refund", currency="GBP", why="She is new.", proposed_by=lena, proposed_at=NOON
    )


def one_of(label: str, owner: User) -> Model:
    """Find a row of a model."""
    model: Any = apps.get_model(label)
    if label == "kernel.apitoken":
        token, _ = model.objects.create(user=owner)
        return token  # type: ignore[no-any-return]
    found: Model = model.objects.all()[0]
    return found


def stored(record: Model) -> dict[str, object]:
    """Read every column of a row anew."""
    rows: Any = type(record)
    columns: dict[str, object] = rows.objects.values().get(pk=record.pk)
    return columns


def queries(desk: Client, label: str) -> list[str]:
    """Open a list and answer what it asked the database."""
    with CaptureQueriesContext(connection) as asked:
        desk.get(page(label, "changelist"))
    return [query["sql"] for query in asked]


def page(model: str, word: str, *args: object) -> str:
    """Name a page of the admin site."""
    return reverse(f"admin:{model.replace('.', '_')}_{word}", args=args)


@pytest.mark.usefixtures("money_out")
class TestRecords:
    def test_are_changed_added_and_deleted_by_nobody(self, world: World, amir: User) -> None:
        records = {label: one_of(label, amir) for label in RECORDS}
        before = {label: stored(record) for label, record in records.items()}
        forged = {"state": "reconciled", "amount_minor": "1", "captured_minor": "1", "verdict": "decline"}
        written = []
        for name in PEOPLE:
            person = settle(name)
            person.is_staff = True
            person.save()
            desk = desk_of(person)
            for label, record in records.items():
                answers = [
                    desk.post(page(label, "change", record.pk), forged),
                    desk.post(page(label, "add"), forged),
                    desk.post(page(label, "delete", record.pk), {"post": "yes"}),
                ]
                # A record of another team is not there at all, and the admin leads away from it.
                expected = {403} if name == "zeus" else {403, 302, 404}
                written += [
                    (name, label, answer.status_code) for answer in answers if answer.status_code not in expected
                ]

        assert written == []
        assert {label: stored(record) for label, record in records.items()} == before

    def test_lead_nobody_where_she_may_not_go(self, world: World, amir: User, mei: User, sam: User) -> None:
        records = {label: one_of(label, amir) for label in RECORDS}
        barred = []
        for reader in (mei, sam):
            reader.is_staff = True
            reader.save()
            desk = desk_of(reader)
            shown = [desk.get(page(label, "change", record.pk)) for label, record in records.items()]
            led_to = {link for answer in shown if answer.status_code == 200 for link in LINKS.findall(answer.text)}
            barred += [(reader.username, link) for link in sorted(led_to) if desk.get(link).status_code == 403]
            assert led_to, "Somebody without a link proves nothing."

        assert barred == []

    def test_are_shown_to_a_superuser_without_a_button(self, world: World, zeus: User) -> None:
        desk = desk_of(zeus)
        for label in RECORDS:
            record = one_of(label, zeus)
            listing = desk.get(page(label, "changelist"))
            shown = desk.get(page(label, "change", record.pk))

            assert (listing.status_code, shown.status_code) == (200, 200), label
            assert b"delete_selected" not in listing.content
            assert b'name="_save"' not in shown.content

    def test_say_amounts_as_money(self, world: World, zeus: User) -> None:
        shown = desk_of(zeus).get(page("refunds.payment", "change", one_of("refunds.payment", zeus).pk))

        assert "£400.00" in shown.content.decode()

    @pytest.mark.parametrize("label", ["refunds.refundrequest", "refunds.order", "refunds.payment"])
    def test_of_another_team_are_not_there(self, world: World, asha: User, label: str) -> None:
        asha.is_staff = True
        asha.save()
        desk = desk_of(asha)

        assert desk.get(page(label, "changelist")).context["cl"].result_count == 0
        # The admin leads away from what is not there.
        assert desk.get(page(label, "change", one_of(label, asha).pk)).status_code in {302, 404}


class TestLists:
    def test_count_no_further_than_the_cap_and_ask_the_same_at_any_length(
        self, world: World, zeus: User, amir: User, dana: User
    ) -> None:
        desk = desk_of(zeus)
        world.approved(by=amir, approver=dana)
        few = {label: queries(desk, label) for label in RECORDS}
        for _ in range(3):
            world.approved(by=amir, approver=dana)

        many = {label: queries(desk, label) for label in RECORDS}

        assert {label: len(asked) for label, asked in many.items()} == {
            label: len(asked) for label, asked in few.items()
        }
        counts = [sql for asked in many.values() for sql in asked if "COUNT(" in sql]
        assert len(counts) >= len(RECORDS)
        assert all("LIMIT 1000" in sql for sql in counts)

    def test_belong_to_models_that_have_an_answer_for_who_may_change_them(self) -> None:
        ours = {model._meta.label_lower for model in admin.site._registry}
        editable = {
            "kernel.user",
            "kernel.team",
            "kernel.serviceaccount",
            "policies.policy",
            "policies.policyversion",
            "policies.reasoncode",
            "policies.exceptioncode",
            "approvals.authoritylimit",
            "approvals.stepuplimit",
            "approvals.teamcalendar",
            "refunds.webhookendpoint",
            "refunds.shopconnection",
            "refunds.columnmapping",
            "refunds.helpdesk",
            "refunds.glaccount",
            "refunds.breaklimit",
            "refunds.breakpromise",
            "analytics.remediationrule",
            "analytics.scorecardthreshold",
        }
        evidence = {label for label in ours if label.startswith("evidence.")}
        assert ours == {*RECORDS, *editable, *evidence}
        assert Order._meta.label_lower in ours
