"""Checkpoints: every entry once in the tree, whoever races and whoever is killed, and proofs of it."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from evidence.checkpoints import making, merkle, notes
from evidence.checkpoints.keys import UnableToSign
from evidence.checkpoints.making import catch_up, make_checkpoint
from evidence.checkpoints.proving import consistency_between, latest_checkpoint, proof_for, public_keys
from evidence.checkpoints.tree import StoredTree
from evidence.models import Checkpoint, CheckpointLeaf, CheckpointNode, LedgerEntry, SigningKey
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings


def root_anew(size: int) -> bytes:
    """Hash the first leaves without what is kept of the tree."""
    hashes = CheckpointLeaf.objects.order_by("position").values_list("entry__hash", flat=True)[:size]
    return merkle.root_of([merkle.leaf_hash(bytes(each)) for each in hashes])


@pytest.mark.django_db
@pytest.mark.usefixtures("key_file")
class TestMakeCheckpoint:
    def test_signs_the_root_of_everything_recorded(self) -> None:
        entries(5)

        made = checkpoint()

        key = SigningKey.objects.get()
        said = notes.check_signed(made.note, name=key.name, public_key=bytes(key.public_key))
        assert (said.size, said.root, said.at) == (5, root_anew(5), NOON)
        assert (made.number, made.size, bytes(made.root), made.previous) == (1, 5, said.root, notes.BEFORE_ALL)

    def test_adds_only_what_is_new_and_names_the_note_before(self) -> None:
        entries(3)
        first = checkpoint()
        entries(4)

        second = checkpoint(5)

        # The key of the first one was recorded after its entries.
        assert (second.number, second.size) == (2, 8)
        assert second.previous == notes.hash_of(first.note)
        assert bytes(second.root) == root_anew(8)

    def test_keeps_the_order_in_which_entries_came(self) -> None:
        for _ in range(4):
            entries(3)
        checkpoint()

        leaves = CheckpointLeaf.objects.order_by("position").values_list("position", "entry_id")
        ids = LedgerEntry.objects.order_by("pk").values_list("pk", flat=True)[:12]
        assert list(leaves) == list(enumerate(ids))

    def test_makes_none_when_nothing_is_new(self) -> None:
        assert make_checkpoint(at=NOON) is None
        entries(1)
        catch_up(at=NOON)

        assert make_checkpoint(at=NOON + timedelta(minutes=5)) is None

    def test_closes_the_day_before_even_when_nothing_is_new(self) -> None:
        entries(1)
        catch_up(at=NOON)

        made = make_checkpoint(at=NOON + timedelta(hours=12))

        assert made is not None
        assert made.closes_on == date(2026, 11, 20)
        assert make_checkpoint(at=NOON + timedelta(hours=12, minutes=5)) is None

    @pytest.mark.parametrize("most", [1, 7, 255, 256, 257, 1000])
    def test_takes_up_a_crowd_in_several_goes(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        monkeypatch.setattr(making, "MOST_LEAVES", most)
        entries(600 if most > 100 else 20)

        last = catch_up(at=NOON)

        assert last is not None
        assert last.size == LedgerEntry.objects.count() == CheckpointLeaf.objects.count()
        assert bytes(last.root) == root_anew(last.size)
        for each in Checkpoint.objects.all():
            assert bytes(each.root) == root_anew(each.size)

    def test_keeps_the_roots_of_whole_subtrees(self) -> None:
        entries(1030)

        checkpoint()

        kept = CheckpointNode.objects.order_by("level", "place").values_list("level", "place")
        assert list(kept) == [(8, 0), (8, 1), (8, 2), (8, 3), (9, 0), (9, 1), (10, 0)]
        top = CheckpointNode.objects.get(level=10)
        assert bytes(top.hash) == root_anew(1024)

    def test_reads_only_what_it_needs_of_a_large_tree(self, django_assert_max_num_queries: object) -> None:
        entries(1030)
        checkpoint()
        entries(3)

        with django_assert_max_num_queries(16):  # type: ignore[operator]  # pytest-django's fixture
            checkpoint(5)

    def test_signs_nothing_without_the_key(self, settings: Settings) -> None:
        settings.SIGNING_KEY_IS_MADE = False
        entries(1)

        with pytest.raises(UnableToSign, match="rotate_signing_key"):
            make_checkpoint(at=NOON)

        assert not CheckpointLeaf.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("key_file")
class TestProof:
    def test_leads_from_every_entry_to_a_signed_root(self) -> None:
        for minutes in range(3):
            entries(300)
            checkpoint(minutes)
        tree = StoredTree()

        for entry in LedgerEntry.objects.filter(leaf__isnull=False).order_by("?")[:60]:
            proof = proof_for(entry, tree=tree)
            assert proof is not None
            proof.check()
            later = proof_for(entry, checkpoint=latest_checkpoint(), tree=tree)
            assert later is not None
            later.check()

    def test_of_another_entry_is_refused(self) -> None:
        entries(3)
        checkpoint()
        one, two = (proof_for(entry) for entry in LedgerEntry.objects.order_by("pk")[:2])
        assert one is not None
        assert two is not None

        with pytest.raises(merkle.NotProven):
            type(one)(two.entry_hash, one.position, one.path, one.checkpoint).check()

    def test_is_none_until_a_checkpoint_covers_the_entry(self) -> None:
        entries(1)

        assert proof_for(LedgerEntry.objects.get()) is None

    def test_shows_that_the_tree_only_grew(self) -> None:
        made = []
        for minutes in range(4):
            entries(150)
            made.append(checkpoint(minutes))

        for old in made:
            for new in made[old.number - 1 :]:
                merkle.check_consistency(
                    old=old.size,
                    new=new.size,
                    old_root=bytes(old.root),
                    new_root=bytes(new.root),
                    path=consistency_between(old, new),
                )


@pytest.mark.django_db
@pytest.mark.usefixtures("key_file")
class TestTheTables:
    @pytest.mark.parametrize("table", ["checkpoint", "checkpointleaf", "checkpointnode", "signingkey"])
    @pytest.mark.parametrize("statement", ["DELETE FROM evidence_{}", "TRUNCATE evidence_{} CASCADE"])
    def test_only_grow(self, table: str, statement: str) -> None:
        entries(300)
        checkpoint()

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError, match="only"), transaction.atomic():
                cursor.execute(statement.format(table))

    @pytest.mark.parametrize(
        "change",
        [
            "checkpoint SET note = ''",
            "checkpointleaf SET entry_hash = ''",
            "checkpointnode SET hash = ''",
            "signingkey SET public_key = ''",
            "signingkey SET retired_at = now(), name = 'x'",
        ],
    )
    def test_keep_what_they_hold(self, change: str) -> None:
        entries(300)
        checkpoint()

        with connection.cursor() as cursor, pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            cursor.execute(f"UPDATE evidence_{change}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("key_file")
class TestRaces:
    def test_of_writers_and_checkpointers_lose_and_double_nothing(self) -> None:
        def write(count: int) -> None:
            for _ in range(count):
                entries(3)

        def sign() -> None:
            for _ in range(6):
                make_checkpoint(at=NOON)

        results = in_the_same_instant(*(partial(write, 12) for _ in range(4)), sign, sign)

        assert results == [None] * 6
        last = catch_up(at=NOON) or latest_checkpoint()
        assert last is not None
        assert last.size == LedgerEntry.objects.count() == CheckpointLeaf.objects.count()
        assert bytes(last.root) == root_anew(last.size)

    def test_an_entry_that_commits_after_a_later_one_is_taken_up_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(making, "PATIENCE_SECONDS", 0.1)
        has_written, may_commit = threading.Event(), threading.Event()

        def write_slowly() -> None:
            with transaction.atomic():
                entries(1)
                has_written.set()
                may_commit.wait(20)
            connection.close()

        slow = threading.Thread(target=write_slowly)
        slow.start()
        has_written.wait(20)
        entries(2)
        first = checkpoint()
        may_commit.set()
        slow.join()

        second = checkpoint(5)

        assert (first.size, first.settled_id) == (2, 0)
        assert CheckpointLeaf.objects.count() == LedgerEntry.objects.count() == second.size == 4
        assert second.settled_id >= LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]

    def test_a_checkpointer_killed_in_the_middle_has_done_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entries(300)

        def die(*_: object, **__: object) -> None:
            raise SystemExit(9)

        with monkeypatch.context() as patch:
            patch.setattr(making, "_send_elsewhere", die)
            with pytest.raises(SystemExit):
                make_checkpoint(at=NOON)
        assert not CheckpointLeaf.objects.exists()
        assert not CheckpointNode.objects.exists()

        catch_up(at=NOON)

        assert CheckpointLeaf.objects.count() == LedgerEntry.objects.count()

    def test_the_second_of_two_leaves_it_to_the_first(self, key_file: Path) -> None:
        entries(5)

        results = in_the_same_instant(*(partial(make_checkpoint, at=NOON) for _ in range(2)))

        made = [one for one in results if isinstance(one, Checkpoint)]
        assert [one.number for one in made] in ([1], [1, 2], [2, 1])
        assert len(public_keys()) == 1
