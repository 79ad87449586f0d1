"""The first step needs nothing but a Python, and says in one sentence when that is not enough."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from config.deploy import bootstrap

PROJECT = Path(__file__).resolve().parents[2]


class TestInsistOnPython:
    def test_names_the_version_that_is_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "version_info", (3, 9, 2))
        monkeypatch.setenv("PATH", "")

        with pytest.raises(SystemExit) as refusal:
            bootstrap.insist_on_python()

        assert refusal.value.code == "Redress needs Python 3.11 or newer; this is Python 3.9."

    def test_lets_a_new_one_pass(self) -> None:
        bootstrap.insist_on_python()

    def test_can_be_read_by_an_old_one(self) -> None:
        source = Path(bootstrap.__file__).read_text()

        assert ast.parse(source, feature_version=(3, 7)).body

    def test_needs_nothing_installed(self) -> None:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", "import runpy; runpy.run_path('config/deploy/bootstrap.py')"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr


class TestInstall:
    def test_does_nothing_while_the_lock_file_is_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap, "VENV", tmp_path)
        monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "bin" / "python")
        same = hashlib.sha256(bootstrap.lock_file("development").read_bytes()).hexdigest()
        (tmp_path / "installed-development").write_text(same)

        bootstrap.install("production")
        bootstrap.install("development")

        assert not (tmp_path / "installed-production").exists()


class TestTheLockFiles:
    @pytest.mark.parametrize("kind", ["production", "development", "audit"])
    def test_carry_a_hash_for_every_package_and_no_address(self, kind: str) -> None:
        lines = bootstrap.lock_file(kind).read_text().splitlines()
        packages = [number for number, line in enumerate(lines) if "==" in line]

        assert packages
        assert all(lines[number + 1].strip().startswith("--hash=sha256:") for number in packages)
        assert not [line for line in lines if "://" in line or line.startswith(("-i", "--index", "--extra"))]


class TestMake:
    def test_prints_what_there_is(self) -> None:
        done = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S607

        for word in ("run", "test", "check", "bench", "reset-demo", "lock", "audit", "help"):
            assert f"make {word} " in done.stdout
