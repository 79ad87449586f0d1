"""What is told outside: each fact once, with the fact or not at all, and nothing of a person."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.vocabulary import Verdict
from config.kernel.outbox import publish
from config.subscriptions import WITNESSES
from policies import publishing
from policies.models import PolicyVersion
from refunds import workflow
from refunds.models import Announcement, Break, RefundRequest, StatementLine, WebhookDelivery
from refunds.outgoing.telling import tell_breaks
from refunds.outgoing.vocabulary import Event
from tests.admin.desk import EXPLAINED, draft_by
from tests.architecture.asking import forgotten
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import NOON

from .stage import endpoint_at

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WORDS = ("Carla", "carla@example.com", "She wrote that her sister", "because the parcel", "Ada")


def lose_words(**_told: object) -> None:
    """Fail to write down what is to be told."""
    raise LookupError


LOST_FOR_WORDS = {"refund_request.submitted": (f"{__name__}.lose_words",)}


def events() -> list[str]:
    """Name what was told, in order."""
    return list(Announcement.objects.order_by("pk").values_list("event", flat=True))


def data_of(event: str) -> dict[str, Any]:
    """Read what was said of the newest such event."""
    said: dict[str, Any] = json.loads(Announcement.objects.filter(event=event).latest("pk").body)
    assert said["type"] == event
    assert said["timestamp"] == "2026-11-20T12:00:00.000000Z"
    return dict(said["data"])


class TestARefund:
    def test_is_told_step_by_step(self, world: World, amir: User, dana: User) -> None:
        endpoint_at()

        approved = world.approved(by=amir, approver=dana)

        assert events() == [
            Event.SUBMITTED,
            Event.DECIDED,
            Event.REQUESTED,
            Event.GRANTED,
            Event.APPROVED,
        ]
        told = data_of(Event.APPROVED)
        assert told == {
            "id": str(approved.pk),
            "reference": approved.reference,
            "state": "approved",
            "category": "refund",
            "amount_minor": 100_00,
            "requested_minor": 100_00,
            "approved_minor": 100_00,
            "currency": "GBP",
            "order": {"channel": "shop-uk", "external_id": order_of(approved).external_id},
            "team": "uk-retail",
        }
        assert data_of(Event.DECIDED)["outcome"] == "require_approval"
        assert (data_of(Event.GRANTED)["state"], data_of(Event.GRANTED)["granted_minor"]) == ("approved", 100_00)
        assert data_of(Event.REQUESTED)["subject"]["reference"] == approved.reference

    def test_that_people_declined_is_told_as_their_no_too(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        endpoint_at()

        workflow.decide(
            reference=waiting.reference, verdict=Verdict.DECLINE, rationale="because the parcel is empty", actor=dana,
            at=NOON,
        )  # fmt: skip

        assert events() == [Event.DENIED, Event.DECLINED]
        assert data_of(Event.DECLINED)["state"] == "declined"

    def test_that_the_policy_approved_is_told_without_anybodys_signature(self, world: World, amir: User) -> None:
        endpoint_at()

        world.waiting(by=amir, pounds=10)

        assert events() == [Event.SUBMITTED, Event.DECIDED, Event.APPROVED]

    def test_is_told_with_the_fact_or_not_at_all(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        endpoint_at()

        with forgotten():
            publish("refund_request.submitted", at=NOON, subject_id=waiting.pk)
            assert WebhookDelivery.objects.exists()

        assert not Announcement.objects.exists()

    def test_that_cannot_be_told_does_not_happen(self, world: World, amir: User, settings: Any) -> None:
        order = world.order(unit_minor=100_00)
        settings.NEWS_WITNESSES = f"{__name__}.LOST_FOR_WORDS"

        with pytest.raises(LookupError):
            world.filed(order, by=amir)

        assert not RefundRequest.objects.exists()

    def test_is_told_without_a_word_about_a_person(self, world: World, amir: User, dana: User) -> None:
        endpoint_at()
        order = world.order(unit_minor=100_00, customer=world.customer())
        draft = replace(world.draft_of(order), note="She wrote that her sister broke it. carla@example.com")
        filed = workflow.file_request(draft=draft, actor=amir, at=NOON)
        workflow.decide(
            reference=filed.reference, verdict=Verdict.APPROVE, rationale="because the parcel came back", actor=dana,
            at=NOON,
        )  # fmt: skip

        bodies = "".join(Announcement.objects.values_list("body", flat=True))

        assert filed.reference in bodies
        words = [*WORDS, "amir", "Amir", "dana", "Dana", "Lamp", order.customer.name if order.customer else "?"]
        assert [word for word in words if word in bodies] == []

    def test_costs_one_question_a_fact_where_nobody_listens(self, world: World, amir: User) -> None:
        order = world.order(unit_minor=100_00)
        with CaptureQueriesContext(connection) as asked:
            world.filed(order, by=amir)

        about = [query["sql"] for query in asked if "webhook" in query["sql"] or "announcement" in query["sql"]]
        assert len(about) == 3
        assert all(sql.startswith("SELECT") for sql in about)


class TestAnEndpoint:
    def test_hears_only_what_it_asked_for(self, world: World, amir: User) -> None:
        all_of_it, _ = endpoint_at()
        some, _ = endpoint_at("https://other.example.com/", events=[Event.REQUESTED])

        world.waiting(by=amir)

        assert WebhookDelivery.objects.filter(endpoint=all_of_it).count() == 3
        assert WebhookDelivery.objects.get(endpoint=some).announcement.event == Event.REQUESTED
        # The same message under the same id, so that two endpoints of one receiver can tell.
        assert Announcement.objects.count() == 3

    def test_of_a_team_hears_of_no_other(self, world: World, amir: User) -> None:
        endpoint_at(team_id=world.team("us-dtc").pk)

        world.waiting(by=amir)

        assert not Announcement.objects.exists()

    def test_hears_that_a_policy_is_in_force(self, world: World) -> None:
        endpoint_at(events=[Event.PUBLISHED])
        policy = world.policy().policy

        put_in_force(world)

        assert data_of(Event.PUBLISHED)["policy"] == {"slug": policy.slug, "version": 2}

    def test_hears_of_breaks_that_belong_to_no_team(self, world: World) -> None:
        everybodys, _ = endpoint_at()
        endpoint_at("https://team.example.com/", team_id=world.team().pk)
        line = StatementLine(account="stripe", external_id="txn_1", gross_minor=-5_00, currency="GBP")
        found = Break(
            pk=line.break_id, line=line, kind="ungoverned", account="stripe", amount_minor=-5_00, currency="GBP",
            reference="txn_1",
        )  # fmt: skip

        tell_breaks([found], at=NOON)

        assert WebhookDelivery.objects.get().endpoint == everybodys
        told = data_of(Event.BREAK)
        assert (told["id"], told["amount_minor"], told["team"]) == (str(line.break_id), -5_00, None)
        assert (told["kind"], told["state"]) == ("ungoverned", "open")


def put_in_force(world: World) -> None:
    """Put a second version in force."""
    draft = draft_by(world, settle("root"))
    publishing.send_to_review(version_id=explained(draft).pk, actor=settle("root"), at=NOON)
    publishing.publish_version(version_id=draft.pk, actor=settle("mei"), at=NOON)


def explained(draft: PolicyVersion) -> PolicyVersion:
    """Say what a draft is for."""
    PolicyVersion.objects.filter(pk=draft.pk).update(**EXPLAINED)
    return draft


class TestTheNames:
    def test_promised_are_each_told_by_somebody(self) -> None:
        assert set(WITNESSES) | {Event.BREAK, Event.TICKET} == set(Event.values)
