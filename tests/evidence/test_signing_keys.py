"""Keys: a private file only the signer opens, public rows, rotation on the ledger."""

from __future__ import annotations

import io
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from evidence.checkpoints import keys, notes
from evidence.checkpoints.keys import KEYS, OPERATOR, UnableToSign, rotate_key
from evidence.checkpoints.making import catch_up
from evidence.checkpoints.proving import latest_checkpoint, public_keys
from evidence.ledger import timeline_of
from evidence.models import Checkpoint, LedgerEntry, SigningKey
from tests.harness.people import settle
from tests.harness.world import NOON

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

LATER = NOON + timedelta(hours=1)


@pytest.mark.django_db
class TestTheFirstKey:
    def test_of_the_demo_is_made_when_it_is_first_needed_and_is_private(self, key_file: Path) -> None:
        entries(1)
        checkpoint()

        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        entry = timeline_of(KEYS).get()
        assert entry.kind == "signing_key.introduced"
        assert bytes(SigningKey.objects.get().public_key).hex() in entry.payload

    def test_is_taken_from_the_file_when_only_the_database_is_new(self, key_file: Path) -> None:
        keys._write_new(key_file)
        content = key_file.read_bytes()
        entries(1)

        checkpoint()

        assert key_file.read_bytes() == content


@pytest.mark.django_db(transaction=True)
class TestRotateKey:
    def test_retires_the_old_key_and_signs_with_the_new_one(self, key_file: Path) -> None:
        entries(1)
        before = checkpoint()

        key = rotate_key(actor=OPERATOR, at=LATER)
        catch_up(at=LATER)

        after = latest_checkpoint()
        assert after is not None
        assert (before.key_id, after.key_id) == (public_keys()[1].key_id, key.key_id)
        assert SigningKey.objects.get(pk=before.key_id).retired_at == LATER
        for each in Checkpoint.objects.select_related("key"):
            notes.check_signed(each.note, name=each.key.name, public_key=bytes(each.key.public_key))
            assert notes.key_ids_of(each.note) == [each.key_id]

    def test_is_recorded(self, key_file: Path) -> None:
        first = rotate_key(actor=OPERATOR, at=NOON)
        second = rotate_key(actor=OPERATOR, at=LATER)

        told = timeline_of(KEYS).last()
        assert told is not None
        assert told.kind == "signing_key.rotated"
        assert told.sentence == f"put the signing key {second.key_id} in force and retired {first.key_id}."

    def test_that_was_killed_before_its_last_step_is_finished_by_the_next_signature(self, key_file: Path) -> None:
        rotate_key(actor=OPERATOR, at=NOON)
        old = key_file.read_bytes()
        rotate_key(actor=OPERATOR, at=LATER)
        key_file.rename(key_file.with_name(f"{key_file.name}.new"))
        key_file.write_bytes(old)
        entries(1)

        assert checkpoint(61).key == public_keys()[0]
        assert key_file.read_bytes() != old

    def test_is_printed_for_whoever_verifies(self, key_file: Path) -> None:
        said = io.StringIO()

        call_command("rotate_signing_key", stdout=said)

        assert said.getvalue().strip() == SigningKey.objects.get().verifier

    def test_needs_a_place(self, settings: Settings) -> None:
        settings.SIGNING_KEY_FILE = ""

        with pytest.raises(CommandError, match="SIGNING_KEY_FILE"):
            call_command("rotate_signing_key")

        assert not SigningKey.objects.exists()


@pytest.mark.django_db
class TestSigning:
    def test_is_refused_with_a_key_nobody_listed(self, key_file: Path) -> None:
        entries(1)
        checkpoint()
        keys._write_new(key_file)
        entries(1)

        with pytest.raises(UnableToSign, match="does not hold the private half"):
            checkpoint(5)

        assert Checkpoint.objects.count() == 1

    def test_is_refused_with_a_file_that_is_no_key(self, key_file: Path) -> None:
        key_file.write_text("nothing of the kind")
        entries(1)

        with pytest.raises(UnableToSign, match="cannot be read"):
            checkpoint()

        assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db
class TestTheWebProcess:
    def test_never_opens_the_private_key(
        self, key_file: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        entries(3)
        checkpoint()
        key_file.unlink()

        def refuse(*_: Any) -> None:
            raise AssertionError("A page asked for the private key.")

        monkeypatch.setattr(keys, "_file", refuse)
        monkeypatch.setattr(keys, "_read", refuse)
        ada = Client()
        ada.force_login(settle("ada"))

        answers = {address: ada.get(address).status_code for address in ("/", "/requests/", "/outbox/", "/queue/")}

        assert set(answers.values()) == {200}
