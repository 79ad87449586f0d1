"""The page of the ledger: how far it is signed, by which key, what failed elsewhere, and one entry's proof."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from evidence.checkpoints.errands import do_errands
from evidence.checkpoints.making import catch_up
from evidence.models import LedgerEntry, SigningKey
from tests.harness.people import settle
from tests.harness.world import NOON

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import DjangoAssertNumQueries, Settings

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key_file")]


@pytest.fixture
def ada() -> Client:
    """Let the auditor open a browser."""
    client = Client()
    client.force_login(settle("ada"))
    return client


def read(ada: Client, query: str = "") -> str:
    """Read the page."""
    answer = ada.get(f"/ledger/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


class TestLedgerPage:
    def test_says_that_nothing_was_signed_yet(self, ada: Client) -> None:
        text = read(ada)

        assert "None was made yet" in text
        assert "No key was put in force yet." in text

    def test_lists_checkpoints_and_keys(self, ada: Client) -> None:
        entries(3)
        catch_up(at=NOON)

        text = read(ada)

        assert SigningKey.objects.get().verifier.replace("+", "&#x2B;") in text.replace("+", "&#x2B;")
        assert checkpoint_root() in text

    def test_proves_an_entry(self, ada: Client) -> None:
        entries(5)
        checkpoint()
        entry = LedgerEntry.objects.order_by("pk")[2]

        text = read(ada, f"?entry={entry.pk}")

        assert f"Entry {entry.pk} is leaf 2 under checkpoint 1." in text
        assert bytes(entry.hash).hex() in text

    @pytest.mark.parametrize(
        "query", ["?entry=999999999", "?entry=x", "?entry=-1", "?entry=", "?before=x", "?before=9"]
    )
    def test_stands_odd_questions(self, ada: Client, query: str) -> None:
        entries(1)
        checkpoint()

        assert "Proven" not in read(ada, query).replace("Not proven", "")

    def test_says_that_an_entry_is_not_covered_yet(self, ada: Client) -> None:
        entries(1)

        assert "is under no checkpoint yet" in read(ada, f"?entry={LedgerEntry.objects.get().pk}")

    def test_is_one_step_from_each_line_of_a_request(self, ada: Client, world: World, amir: User) -> None:
        asked = world.waiting(by=amir)
        checkpoint()
        last = LedgerEntry.objects.filter(subject_id=asked.pk).latest("seq")
        agent = Client()
        agent.force_login(amir)

        address = f"/ledger/?entry={last.pk}"
        assert f'href="{address}"' in ada.get(asked.get_absolute_url()).content.decode()
        assert f"Entry {last.pk} is leaf" in read(ada, f"?entry={last.pk}")
        assert "/ledger/" not in agent.get(asked.get_absolute_url()).content.decode()

    def test_shows_what_failed_elsewhere(self, ada: Client, settings: Settings, tmp_path: Path) -> None:
        blocked = tmp_path / "blocked"
        blocked.write_text("")
        settings.CHECKPOINT_EXPORT = str(blocked)
        entries(1)
        checkpoint()
        do_errands(at=NOON)

        text = read(ada)

        assert "Copy of checkpoint 1" in text
        assert "FileExistsError" in text

    def test_pages_and_asks_as_much_at_any_size(
        self, ada: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for minutes in range(30):
            entries(1)
            checkpoint(minutes)

        with django_assert_max_num_queries(24):
            text = read(ada)
        assert "?before=6" in text
        assert "?before=" not in read(ada, "?before=6")

    def test_says_when_checkpoints_stopped(self, ada: Client, time_machine: object) -> None:
        entries(1)
        time_machine.move_to(LedgerEntry.objects.get().recorded_at + timedelta(hours=2))  # type: ignore[attr-defined]
        ada.force_login(settle("ada"))

        assert "An entry waits for 2 h" in read(ada)


def checkpoint_root() -> str:
    """Print the newest root."""
    return LedgerEntry._meta.apps.get_model("evidence", "Checkpoint").objects.latest("number").root_hex
