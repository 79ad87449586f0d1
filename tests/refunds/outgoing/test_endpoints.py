"""Endpoints: who makes and changes them, what is kept of their secrets, and what is sent again by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from evidence.models import LedgerEntry
from refunds.models import Announcement, WebhookDelivery, WebhookEndpoint, WebhookSecret
from refunds.outgoing import sending, signing
from refunds.outgoing.calling import Answer
from refunds.outgoing.dispatching import forget_old
from refunds.outgoing.endpoints import Wish, add_endpoint, change_endpoint, disable_endpoint, enable_endpoint
from refunds.outgoing.resending import send_again, send_failed_again, send_test
from refunds.outgoing.rotating import end_old_secret, rotate_secret
from refunds.outgoing.vocabulary import CallOutcome, Event, SendState
from tests.harness.people import STORIES, fresh, settle
from tests.harness.world import NOON

from .stage import HOOK, endpoint_at, told

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

MAY = {"root", "zeus"}


@pytest.fixture
def failed(world: World, monkeypatch: pytest.MonkeyPatch) -> WebhookDelivery:
    """Have a delivery whose endpoint was disabled and is back."""
    monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.GONE, 410))
    endpoint, _ = endpoint_at()
    delivery = told(endpoint)
    sending.send_next(endpoint_id=endpoint.pk, at=NOON)
    enable_endpoint(endpoint_id=endpoint.pk, actor=settle("root"), at=NOON)
    delivery.refresh_from_db()
    assert delivery.state == SendState.FAILED
    return delivery


class TestAnEndpoint:
    def test_is_added_changed_disabled_and_enabled_on_the_record(self, world: World, root: User) -> None:
        endpoint, _ = endpoint_at(f"{HOOK}?token=hush")
        change_endpoint(
            endpoint_id=endpoint.pk,
            wish=Wish(url=f"{HOOK}?token=other", events=[Event.FAILED]),
            actor=root,
            at=NOON,
        )
        disable_endpoint(endpoint_id=endpoint.pk, because="Carla moved away", actor=root, at=NOON)
        enable_endpoint(endpoint_id=endpoint.pk, actor=root, at=NOON)

        entries = list(timeline_of(endpoint.subject))
        assert [entry.kind.partition(".")[2] for entry in entries] == ["added", "changed", "disabled", "enabled"]
        assert {entry.actor for entry in entries} == {root}
        assert entries[1].sentence == "changed the webhook endpoint at hooks.example.com: url, events."
        kept = "".join(LedgerEntry.objects.values_list("payload", flat=True))
        assert [word for word in ("hush", "other", "Carla", "whsec_") if word in kept] == []

    @pytest.mark.parametrize("username", sorted(STORIES))
    def test_is_made_by_administrators_alone(self, world: World, username: str) -> None:
        person = settle(username)
        try:
            add_endpoint(wish=Wish(url=HOOK), actor=person, at=NOON)
            done = True
        except NotPermitted:
            done = False

        assert done is (username in MAY)
        assert WebhookEndpoint.objects.exists() is done

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            (Wish(url="https://127.1/"), "url"),
            (Wish(url=HOOK, events=["refund_request.imagined"]), "events"),
            (Wish(url=HOOK, description="x" * 201), "description"),
            (Wish(url=HOOK, team_id=987654), "team"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, settings: Any, wish: Wish, field: str
    ) -> None:
        settings.WEBHOOK_ALLOWED = []

        with pytest.raises(Refused) as refused:
            add_endpoint(wish=wish, actor=root, at=NOON)

        assert [reason.field for reason in refused.value.reasons] == [field]
        assert not WebhookEndpoint.objects.exists()
        assert not LedgerEntry.objects.filter(subject_kind="webhook_endpoint").exists()

    def test_is_there_once_for_an_address_and_team(self, world: World, root: User) -> None:
        endpoint_at()
        endpoint_at(team_id=world.team().pk)

        with pytest.raises(Refused, match="already"):
            add_endpoint(wish=Wish(url=HOOK), actor=root, at=NOON)

    def test_of_a_team_is_no_strangers(self, world: World) -> None:
        endpoint, _ = endpoint_at(team_id=world.team("eu-saas").pk)
        stranger = settle("asha")
        stranger.groups.set(settle("root").groups.all())

        with pytest.raises(OutOfDate):
            disable_endpoint(endpoint_id=endpoint.pk, because="why not", actor=fresh(stranger), at=NOON)
        with pytest.raises(Refused):
            add_endpoint(
                wish=Wish(url="https://x.example.com", team_id=endpoint.team_id), actor=fresh(stranger), at=NOON
            )

    def test_is_disabled_with_a_reason_only(self, world: World, root: User) -> None:
        endpoint, _ = endpoint_at()
        with pytest.raises(Refused):
            disable_endpoint(endpoint_id=endpoint.pk, because="  ", actor=root, at=NOON)
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookEndpoint.objects.update(disabled_at=NOON)

    def test_that_is_disabled_hears_nothing_and_keeps_what_it_missed_as_failed(
        self, world: World, root: User, amir: User
    ) -> None:
        endpoint, _ = endpoint_at()
        waiting = told(endpoint)
        disable_endpoint(endpoint_id=endpoint.pk, because="Under repair", actor=root, at=NOON)
        world.waiting(by=amir)

        waiting.refresh_from_db()
        assert waiting.state == SendState.FAILED
        assert WebhookDelivery.objects.count() == 1
        for verb in (send_test, enable_endpoint):
            if verb is send_test:
                with pytest.raises(OutOfDate):
                    verb(endpoint_id=endpoint.pk, actor=root, at=NOON)
        enable_endpoint(endpoint_id=endpoint.pk, actor=root, at=NOON)
        assert send_failed_again(endpoint_id=endpoint.pk, since=NOON, actor=root, at=NOON) == 1


class TestASecret:
    def test_is_kept_sealed(self, world: World) -> None:
        _, secret = endpoint_at()
        kept = WebhookSecret.objects.get()

        assert secret.startswith("whsec_")
        assert secret not in kept.sealed
        assert signing.opened(kept.sealed) == secret
        assert signing.sealed(secret) != kept.sealed

    def test_is_read_with_an_old_key_and_sealed_with_the_first(self, world: World, settings: Any) -> None:
        settings.WEBHOOK_KEYS = ["first"]
        kept = signing.sealed("whsec_MDEyMw==")
        settings.WEBHOOK_KEYS = ["second", "first"]
        assert signing.opened(kept) == "whsec_MDEyMw=="

        settings.WEBHOOK_KEYS = ["second"]
        with pytest.raises(signing.UnreadableSecret):
            signing.opened(kept)

    def test_is_sealed_under_the_portals_own_key_when_none_is_named(self) -> None:
        assert django_settings.WEBHOOK_KEYS == [django_settings.SECRET_KEY]

    def test_changes_one_at_a_time(self, world: World, root: User) -> None:
        endpoint, first = endpoint_at()
        second = rotate_secret(endpoint_id=endpoint.pk, overlap_hours=24, actor=root, at=NOON)

        assert first != second
        with pytest.raises(Refused, match="Two secrets"):
            rotate_secret(endpoint_id=endpoint.pk, overlap_hours=1, actor=root, at=NOON)
        end_old_secret(endpoint_id=endpoint.pk, actor=root, at=NOON)
        with pytest.raises(OutOfDate):
            end_old_secret(endpoint_id=endpoint.pk, actor=root, at=NOON)
        rotate_secret(endpoint_id=endpoint.pk, overlap_hours=0, actor=root, at=NOON)
        assert endpoint.secrets.filter(WebhookSecret.active(NOON)).count() == 1
        for hours in (-1, 169):
            with pytest.raises(Refused):
                rotate_secret(endpoint_id=endpoint.pk, overlap_hours=hours, actor=root, at=NOON)
        kinds = [entry.kind for entry in timeline_of(endpoint.subject)]
        assert kinds[1:] == [
            "webhook_endpoint.secret_rotated",
            "webhook_endpoint.secret_ended",
            "webhook_endpoint.secret_rotated",
        ]


class TestSendingAgain:
    def test_begins_all_tries_anew_under_the_same_id(self, failed: WebhookDelivery, root: User) -> None:
        before = failed.announcement.message_id

        again = send_again(delivery_id=failed.pk, actor=root, at=NOON + timedelta(days=2))

        assert (again.state, again.round_count, again.attempt_count) == (SendState.WAITING, 0, 1)
        assert again.announcement.message_id == before
        assert Announcement.objects.count() == 1
        with pytest.raises(OutOfDate, match="waits"):
            send_again(delivery_id=failed.pk, actor=root, at=NOON)

    def test_takes_what_was_delivered_too(
        self, failed: WebhookDelivery, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send_again(delivery_id=failed.pk, actor=root, at=NOON)
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.DELIVERED, 200))
        for hour in (1, 2):
            sending.send_next(endpoint_id=failed.endpoint_id, at=NOON + timedelta(hours=hour))
            failed.refresh_from_db()
            assert failed.state == SendState.DELIVERED
            send_again(delivery_id=failed.pk, actor=root, at=NOON + timedelta(hours=hour))

        assert failed.attempt_count == 3

    def test_takes_everything_that_failed_since(self, failed: WebhookDelivery, root: User) -> None:
        endpoint = failed.endpoint
        assert send_failed_again(
            endpoint_id=endpoint.pk, since=NOON + timedelta(seconds=1), actor=root, at=NOON
        ) == 0  # fmt: skip
        assert send_failed_again(endpoint_id=endpoint.pk, since=NOON, actor=root, at=NOON) == 1

        assert WebhookDelivery.objects.get().state == SendState.WAITING
        assert list(timeline_of(endpoint.subject))[-1].sentence == "sent 1 failed webhooks to hooks.example.com again."

    @pytest.mark.parametrize("username", sorted(set(STORIES) - MAY))
    def test_is_not_for_everybody(self, failed: WebhookDelivery, username: str) -> None:
        person, common = settle(username), {"at": NOON}
        for attempt in (
            lambda: send_again(delivery_id=failed.pk, actor=person, **common),
            lambda: send_failed_again(endpoint_id=failed.endpoint_id, since=NOON, actor=person, **common),
            lambda: send_test(endpoint_id=failed.endpoint_id, actor=person, **common),
            lambda: rotate_secret(endpoint_id=failed.endpoint_id, overlap_hours=1, actor=person, **common),
            lambda: enable_endpoint(endpoint_id=failed.endpoint_id, actor=person, **common),
        ):
            with pytest.raises(NotPermitted):
                attempt()
        failed.refresh_from_db()
        assert failed.state == SendState.FAILED


class TestWhatIsOld:
    def test_is_forgotten_unless_it_still_waits(self, failed: WebhookDelivery) -> None:
        waits = told(failed.endpoint)

        assert forget_old(at=NOON + timedelta(days=30)) == 0
        assert forget_old(at=NOON + timedelta(days=30, seconds=1)) == 1

        assert WebhookDelivery.objects.get() == waits
