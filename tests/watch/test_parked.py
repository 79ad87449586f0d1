"""News that failed too often: who sees it, who sends it again or lets it go, and what the ledger says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from config.kernel.ids import new_id
from config.kernel.outbox import OutboxRow, due_rows, parked_rows
from evidence.models import LedgerEntry
from tests.harness.people import settle

if TYPE_CHECKING:
    from uuid import UUID

    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WHY = "The mail server is mended"


@pytest.fixture
def row(world: World) -> OutboxRow:
    at = timezone.now()
    return OutboxRow.objects.create(
        news="message.written",
        task="evidence.tasks.send_message",
        ids={"message_id": "7"},
        attempt_count=60,
        last_error="SMTPException: <b>mailbox on fire</b>",
        parked_at=at,
        due_at=at,
    )


def press(username: str, row_id: UUID, **words: str) -> int:
    client = Client()
    client.force_login(settle(username))
    return client.post(f"/status/news/{row_id}/", words).status_code


def entries() -> list[str]:
    return list(LedgerEntry.objects.filter(subject_kind="outbox_row").values_list("kind", flat=True))


class TestParkedNews:
    def test_is_shown_with_its_story_and_as_text(self, row: OutboxRow) -> None:
        client = Client()
        client.force_login(settle("root"))
        text = client.get("/status/").content.decode()

        assert "evidence.tasks.send_message" in text
        assert "tried 60 times" in text
        assert "&lt;b&gt;mailbox on fire" in text

    def test_is_mended_by_nobody_who_only_looks(self, row: OutboxRow) -> None:
        client = Client()
        client.force_login(settle("ada"))

        assert "mailbox on fire" in client.get("/status/").content.decode()
        assert f"/status/news/{row.pk}/" not in client.get("/status/").content.decode()
        assert press("ada", row.pk, verb="again", why=WHY) == 403
        assert parked_rows().count() == 1
        assert entries() == []

    def test_goes_to_the_workers_again_on_record(self, row: OutboxRow) -> None:
        assert press("root", row.pk, verb="again", why=WHY) == 302

        again = due_rows(timezone.now()).get()
        assert (again.pk, again.attempt_count, again.silent_count) == (row.pk, 0, 0)
        assert entries() == ["outbox_row.sent_again"]

    def test_is_let_go_on_record(self, row: OutboxRow) -> None:
        assert press("root", row.pk, verb="let_go", why=WHY) == 302

        assert not OutboxRow.objects.filter(pk=row.pk).exists()
        assert entries() == ["outbox_row.let_go"]

    @pytest.mark.parametrize("words", [{"verb": "again", "why": "so"}, {"verb": "burn", "why": WHY}, {}])
    def test_stays_where_no_reason_or_verb_is_given(self, row: OutboxRow, words: dict[str, str]) -> None:
        assert press("root", row.pk, **words) == 422

        assert parked_rows().count() == 1
        assert entries() == []

    def test_that_somebody_mended_before_is_out_of_date(self, row: OutboxRow) -> None:
        press("root", row.pk, verb="again", why=WHY)

        assert press("root", row.pk, verb="let_go", why=WHY) == 409
        assert press("root", new_id(), verb="again", why=WHY) == 409
        assert OutboxRow.objects.filter(pk=row.pk).exists()
