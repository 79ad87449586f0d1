"""Money that the policy keeps for one more pair of eyes: who lets it go, and what nobody can do before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from approvals.models import Involvement
from approvals.services.routing import involve
from approvals.vocabulary import Part
from config.kernel.outbox import OutboxRow
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from policies import publishing
from refunds import recalling
from refunds.models import Operation, Release
from refunds.processing.performing import due_operations, perform_operation
from refunds.processing.releasing import MOST_AT_ONCE, release_operations
from refunds.vocabulary import OperationState, State
from tests.admin.desk import EXPLAINED
from tests.harness.people import fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def kept_above_80(world: World) -> None:
    """Keep money above 80 pounds for a release."""
    root, mei = settle("root"), settle("mei")
    version = world.policy()
    document = version.document | {"release_above_minor": {"GBP": 80_00}}
    draft = publishing.draft_version(policy=version.policy, document=document, actor=root, at=NOON, **EXPLAINED)
    publishing.send_to_review(version_id=draft.pk, actor=root, at=NOON)
    publishing.publish_version(version_id=draft.pk, actor=mei, at=NOON)


def approved(world: World, *, pounds: int = 100) -> Operation:
    """Approve a refund, and answer its operation."""
    request = world.approved(by=settle("amir"), approver=settle("dana"), pounds=pounds)
    return Operation.objects.get(refund_request=request)


def released(*operations: Operation, by: User) -> list[Release]:
    """Release these."""
    return release_operations(operation_ids={one.pk for one in operations}, actor=by, at=LATER)


def with_the_right(person: User) -> User:
    """Let somebody release who otherwise may not."""
    person.user_permissions.add(*Permission.objects.filter(codename__in=["add_release", "view_operation"]))
    return fresh(person)


class TestMoneyAboveTheLimit:
    def test_is_taken_up_by_no_worker(self, world: World) -> None:
        kept, free = approved(world), approved(world, pounds=80)

        assert due_operations(LATER) == [free.pk]
        assert not perform_operation(operation_id=kept.pk, at=LATER)
        assert as_stored(kept.refund_request).state == State.APPROVED

    def test_leaves_once_it_is_released(self, world: World) -> None:
        kept = approved(world)
        OutboxRow.objects.all().delete()

        (batch,) = released(kept, by=settle("lena"))

        assert due_operations(LATER) == [kept.pk]
        assert (batch.operation_count, batch.total_minor, batch.released_by) == (1, 100_00, settle("lena"))
        assert OutboxRow.objects.get(news="operation.queued").ids == {"operation_id": str(kept.pk)}
        told = LedgerEntry.objects.get(kind="operation.released")
        assert told.subject_id == kept.refund_request_id
        assert Involvement.objects.filter(person=settle("lena"), subject_id=kept.refund_request_id).exists()

    def test_can_still_be_recalled(self, world: World, settings: Settings) -> None:
        settings.RECALL_SECONDS = 300
        kept = approved(world)

        recalling.recall(reference=kept.refund_request.reference, note="Wrong customer.", actor=settle("dana"), at=NOON)

        kept.refresh_from_db()
        assert (kept.state, kept.awaits_release) == (OperationState.CANCELLED, True)

    def test_waits_in_a_column_of_its_own(self, world: World, client: Client) -> None:
        kept, free = approved(world), approved(world, pounds=80)
        client.force_login(settle("lena"))

        waiting = client.get("/processing/?column=to_release").text
        queued = client.get("/processing/?column=queued").text

        assert (kept.refund_request.reference in waiting, free.refund_request.reference in waiting) == (True, False)
        assert (kept.refund_request.reference in queued, free.refund_request.reference in queued) == (False, True)


class TestFourEyes:
    def test_keep_whoever_handed_it_in_from_letting_it_go(self, world: World) -> None:
        kept, lena = approved(world), settle("lena")
        involve(subject=kept.refund_request.subject, person=lena, part=Part.SUBMITTER, at=NOON)

        with refused(NotPermitted, "self_approval"):
            released(kept, by=lena)


class TestABatch:
    def test_is_one_for_each_currency(self, world: World) -> None:
        first, second = approved(world), approved(world, pounds=200)
        third = approved(world)
        Operation.objects.filter(pk=third.pk).update(currency="EUR")

        batches = released(first, second, third, by=settle("lena"))

        assert [(one.currency, one.operation_count, one.total_minor) for one in batches] == [
            ("EUR", 1, 100_00),
            ("GBP", 2, 300_00),
        ]

    def test_is_released_whole_or_not_at_all(self, world: World) -> None:
        first, second = approved(world), approved(world)
        released(second, by=settle("lena"))

        with pytest.raises(OutOfDate, match=second.refund_request.reference):
            released(first, second, by=settle("lena"))

        first.refresh_from_db()
        assert first.is_unreleased

    def test_holds_something_and_not_too_much(self, world: World) -> None:
        with pytest.raises(Refused):
            release_operations(operation_ids=set(), actor=settle("lena"), at=NOON)
        with pytest.raises(Refused):
            release_operations(
                operation_ids={UUID(int=one) for one in range(MOST_AT_ONCE + 1)}, actor=settle("lena"), at=NOON
            )

    def test_holds_nothing_of_a_team_one_does_not_work_for(self, world: World) -> None:
        kept = approved(world)
        with pytest.raises(OutOfDate):
            released(kept, by=with_the_right(settle("asha")))

    def test_is_ticked_and_released_on_the_board(self, world: World, client: Client) -> None:
        first, second = approved(world), approved(world)
        client.force_login(settle("lena"))

        answer = client.post(
            "/processing/release/", {"operation": [str(first.pk), str(second.pk), "nonsense"]}, follow=True
        )

        assert "Released: £200.00" in answer.text
        assert not Operation.objects.filter(awaits_release=True).exists()


class TestWhoeverHadAPart:
    def test_does_not_release(self, world: World) -> None:
        kept = approved(world)

        for name in ("amir", "dana"):
            with pytest.raises(NotPermitted, match=kept.refund_request.reference):
                released(kept, by=with_the_right(settle(name)))
        with pytest.raises(NotPermitted, match="needs the right"):
            released(kept, by=settle("viktor"))

    def test_is_refused_by_the_database_too(self, world: World) -> None:
        kept = approved(world)
        own = Release.objects.create(
            currency="GBP", operation_count=1, total_minor=100_00, released_by=settle("dana"), released_at=NOON
        )

        with pytest.raises(IntegrityError, match="does not release its money"), transaction.atomic():
            Operation.objects.filter(pk=kept.pk).update(awaits_release=False, release=own)


class TestTheDatabase:
    def test_lets_nothing_leave_that_waits(self, world: World) -> None:
        kept = approved(world)

        with pytest.raises(IntegrityError, match="nothing_leaves_unreleased"), transaction.atomic():
            Operation.objects.filter(pk=kept.pk).update(state=OperationState.SENDING)
        with pytest.raises(Exception, match="waiting_ends_by_release"), transaction.atomic():
            Operation.objects.filter(pk=kept.pk).update(awaits_release=False)

    def test_keeps_a_release_as_it_was(self, world: World) -> None:
        kept = approved(world)
        (batch,) = released(kept, by=settle("lena"))

        with pytest.raises(Exception, match="releases_stay"), transaction.atomic():
            Release.objects.filter(pk=batch.pk).update(total_minor=1)
        with pytest.raises(Exception, match="a_release_stays"), transaction.atomic():
            Operation.objects.filter(pk=kept.pk).update(release=None)
