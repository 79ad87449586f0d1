"""Every address of a message, tried by somebody who works elsewhere and by somebody without the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from approvals.vocabulary import Verdict
from config.kernel.people import assign_to_teams
from evidence.models import CustomerMessage
from evidence.vocabulary import MessageState
from refunds import workflow
from tests.api.conftest import Caller
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

VERBS = ("approve_message", "send_back_message", "hand_in_message", "retry_message")
STATE_FOR = {
    "approve_message": MessageState.IN_REVIEW,
    "send_back_message": MessageState.IN_REVIEW,
    "hand_in_message": MessageState.DRAFTED,
    "retry_message": MessageState.UNKNOWN,
}


def at_desk(person: User) -> Client:
    """Sit down."""
    client = Client()
    client.force_login(person, backend="config.kernel.backend.PeopleBackend")
    return client


@pytest.fixture
def declined(world: World, amir: User, dana: User) -> RefundRequest:
    """Let Dana decline a British request."""
    waiting = world.waiting(by=amir)
    return workflow.decide(
        reference=waiting.reference, verdict=Verdict.DECLINE, rationale="It came back broken.", actor=dana, at=NOON
    )


@pytest.fixture
def letter(declined: RefundRequest) -> CustomerMessage:
    """Find what Dana's decline tells."""
    CustomerMessage.objects.filter(subject_id=declined.pk).update(to="carla@example.com", customer="Carla Secret")
    return CustomerMessage.objects.get(subject_id=declined.pk)


@pytest.fixture
def stranger(world: World, vera: User) -> User:
    """Let Vera, who may do everything with messages, work for the American shop alone."""
    assign_to_teams(user=vera, teams=[world.team("us-dtc")])
    return type(vera).objects.get(pk=vera.pk)


class TestAStranger:
    """Somebody with every right on messages, but of another team."""

    @pytest.mark.parametrize(
        "query", ["", "?show=review", "?show=failed", "?q=RR-", "?q=carla", "?q=Secret", "?before={pk}", "?show=x"]
    )
    def test_finds_nothing_in_the_list(self, letter: CustomerMessage, stranger: User, query: str) -> None:
        shown = at_desk(stranger).get(reverse("evidence:outbox") + query.format(pk=letter.pk))

        assert shown.status_code == 200
        page = shown.content.decode()
        assert str(letter.pk) not in page.replace(f"before={letter.pk}", "")
        assert letter.reference not in page
        assert shown.context["waiting"] == {"review": 0, "failed": 0}

    def test_finds_no_page(self, letter: CustomerMessage, stranger: User) -> None:
        assert at_desk(stranger).get(reverse("evidence:message", args=[letter.pk])).status_code == 404

    @pytest.mark.parametrize("verb", VERBS)
    def test_moves_nothing(self, letter: CustomerMessage, stranger: User, verb: str) -> None:
        CustomerMessage.objects.filter(pk=letter.pk).update(
            state=STATE_FOR[verb], reviewed_by=settle("mei"), reviewed_at=NOON
        )
        before = CustomerMessage.objects.filter(pk=letter.pk).values().get()
        typed = {"subject_line": "x", "body": "y", "seen": letter.body_sha256, "note": "Say which parcel it was."}

        answer = at_desk(stranger).post(reverse(f"evidence:{verb}", args=[letter.pk]), typed)

        assert answer.status_code == 404
        assert CustomerMessage.objects.filter(pk=letter.pk).values().get() == before

    def test_finds_nothing_over_the_api(self, letter: CustomerMessage, stranger: User) -> None:
        caller = Caller(stranger)

        for path in ("messages", "timeline"):
            answer = caller.get(f"refund-requests/{letter.reference}/{path}")
            assert answer.status_code == 404
            assert "Carla" not in answer.content.decode()

    def test_finds_no_record_in_the_admin_site(self, letter: CustomerMessage, stranger: User) -> None:
        stranger.is_staff = True
        stranger.save(update_fields=["is_staff"])

        client = at_desk(stranger)

        assert letter.reference not in client.get("/admin/evidence/customermessage/").content.decode()
        assert client.get(f"/admin/evidence/customermessage/{letter.pk}/change/").status_code in {302, 404}


class TestWhoMayNotReadMessages:
    """Somebody of the team without the right."""

    @pytest.mark.parametrize("username", ["root", "sam", "bot", "nobody"])
    def test_hears_no_message_anywhere(self, letter: CustomerMessage, username: str) -> None:
        client = at_desk(settle(username))

        addresses = [reverse("evidence:outbox"), reverse("evidence:message", args=[letter.pk])]
        heard = [client.get(address).status_code for address in addresses]
        heard += [client.post(reverse(f"evidence:{verb}", args=[letter.pk])).status_code for verb in VERBS]

        assert set(heard) == {403}
        assert Caller(settle(username)).get(f"refund-requests/{letter.reference}/messages").status_code in {403, 404}
        page = client.get(f"/requests/{letter.reference}/").content.decode()
        assert "Carla Secret" not in page
        assert letter.subject_line not in page
