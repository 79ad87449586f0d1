"""A database administrator hashes everything anew and has a whole new bundle made: what the auditor holds tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from evidence.bundles import verify
from evidence.checkpoints.making import make_checkpoint
from evidence.checkpoints.proving import latest_checkpoint, public_keys
from refunds.bundles.asking import ask_for_request
from tests.evidence.test_checking import LEAVES_FOLLOW, REWRITE, as_administrator

from .parcels import LATER, Files, built, of_request, several_lives, unpacked
from .test_mutations import run, unfolded

if TYPE_CHECKING:
    from pathlib import Path

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

FALSIFY = REWRITE.replace("said 1.", "approved £").replace("took 1.", "refused £")
FORGET_CHECKPOINTS = "DELETE FROM evidence_checkpoint"
FORGET_LEAVES = "DELETE FROM evidence_checkpointleaf"
FORGET_KEYS = "DELETE FROM evidence_signingkey"
FORGET_ROTATIONS = "DELETE FROM evidence_ledgerentry WHERE subject_kind = 'signing_key'"


@pytest.fixture
def lives(world: World, key_file: Path) -> list[RefundRequest]:
    """Live through a day with checkpoints."""
    return several_lives(world)


class TestAHistoryWrittenAnew:
    def test_under_the_old_checkpoints_is_found_without_any_help(self, lives: list[RefundRequest], ada: User) -> None:
        as_administrator(FALSIFY, LEAVES_FOLLOW, subject=lives[0].pk)

        with pytest.raises(verify.Fault, match=r"does not hold what checkpoint|not under the latest"):
            verify.verify(Files(unpacked(of_request(lives[0], ada))))

    def test_and_signed_again_with_the_real_key_is_found_by_a_checkpoint_that_left(
        self, lives: list[RefundRequest], ada: User, tmp_path: Path
    ) -> None:
        """The key alone does not tell: whoever signs cannot know that the past below was rewritten."""
        held = latest_checkpoint()
        assert held is not None
        (tmp_path / "held.txt").write_text(held.note)

        as_administrator(FORGET_CHECKPOINTS, FALSIFY, LEAVES_FOLLOW, FORGET_LEAVES, subject=lives[0].pk)
        folder = unfolded(unpacked(of_request(lives[0], ada)), tmp_path / "bundle")

        assert run(folder).returncode == 0
        assert run(folder, "--key", public_keys()[0].verifier).returncode == 0
        ended = run(folder, "--trusted", str(tmp_path / "held.txt"))
        assert ended.returncode == 1
        assert "past was rewritten" in ended.stdout

    def test_and_signed_with_a_key_of_her_own_is_found_by_key_and_checkpoint(
        self, lives: list[RefundRequest], ada: User, tmp_path: Path, key_file: Path
    ) -> None:
        held, key = latest_checkpoint(), public_keys()[0].verifier
        assert held is not None
        (tmp_path / "held.txt").write_text(held.note)
        (tmp_path / "key.txt").write_text(key + "\n")

        key_file.unlink()
        as_administrator(
            FORGET_CHECKPOINTS,
            FALSIFY,
            FORGET_LEAVES,
            FORGET_KEYS,
            FORGET_ROTATIONS,
            subject=lives[0].pk,
        )
        folder = unfolded(unpacked(of_request(lives[0], ada)), tmp_path / "bundle")

        assert run(folder).returncode == 0
        for words in (("--key", key), ("--key", str(tmp_path / "key.txt"))):
            ended = run(folder, *words)
            assert (ended.returncode, "none that you trust" in ended.stdout) == (1, True)
        assert run(folder, "--trusted", str(tmp_path / "held.txt")).returncode == 1


class TestAnHonestBundle:
    def test_is_led_to_from_a_checkpoint_and_a_key_that_the_auditor_holds(
        self, lives: list[RefundRequest], ada: User, tmp_path: Path
    ) -> None:
        held = latest_checkpoint()
        assert held is not None
        (tmp_path / "held.txt").write_text(held.note)

        asked = ask_for_request(
            refund_request=lives[2], has_files=False, known_checkpoint=held.number, actor=ada, at=LATER
        )
        folder = unfolded(unpacked(built(asked)), tmp_path / "bundle")

        ended = run(folder, "--trusted", str(tmp_path / "held.txt"), "--key", public_keys()[0].verifier)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def test_that_is_older_than_the_checkpoint_says_so(self, lives: list[RefundRequest], ada: User) -> None:
        contents = Files(unpacked(of_request(lives[0], ada)))
        newer = make_checkpoint(at=LATER + timedelta(minutes=5))
        assert newer is not None

        with pytest.raises(verify.Fault, match="is newer than this bundle"):
            verify.verify(contents, trusted=[newer.note])

    def test_is_refused_with_a_key_that_has_the_same_short_id(self, lives: list[RefundRequest], ada: User) -> None:
        """Four bytes of a hash can be found again by trying; only whole keys are compared."""
        contents = Files(unpacked(of_request(lives[0], ada)))

        with pytest.raises(verify.Fault, match="none that you trust"):
            verify.verify(contents, keys=[public_keys()[0].key_id])
