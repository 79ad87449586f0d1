"""The audit of the locked packages says what it found, and says so when it could ask nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from config.deploy import audit

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = {"dependencies": [{"name": "django", "version": "5.2", "vulns": []}]}
FOUND = {"dependencies": [{"name": "django", "version": "3.2.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}]}
SKIPPED = {"dependencies": [{"name": "django", "skip_reason": "Dependency not found on PyPI"}]}


class TestALicence:
    @pytest.mark.parametrize(
        "words",
        [
            "MIT License",
            "The BSD License",
            "Mozilla Public License 2.0 (MPL 2.0)",
            "MPL-2.0 AND (Apache-2.0 OR MIT)",
            "GPL-3.0-only OR MIT",
            "Apache Software License; BSD License; Mozilla Public License 2.0 (MPL 2.0)",
            "BSD-3-Clause\nCopyright",
        ],
    )
    def test_that_asks_for_nothing_we_do_not_give_is_allowed(self, words: str) -> None:
        assert audit.is_allowed(words)

    @pytest.mark.parametrize("words", ["GPL-3.0-only", "MIT AND GPL-2.0-only", "BSD License; AGPL", "UNKNOWN", ""])
    def test_that_nobody_allowed_is_not(self, words: str) -> None:
        assert not audit.is_allowed(words)


class TestAdvisories:
    def _tools(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, known_bad: object, locked: object) -> None:
        """Put a program in the place of pip-audit that answers so about the known bad version, and so about ours."""
        (tmp_path / "bin").mkdir()
        tool = tmp_path / "bin" / "pip-audit"
        answers = tmp_path / "bad.json", tmp_path / "ours.json"
        for path, answer in zip(answers, (known_bad, locked), strict=True):
            path.write_text(json.dumps(answer))
        tool.write_text(f'#!/bin/sh\ncase "$*" in *--no-deps*) cat {answers[0]};; *) cat {answers[1]};; esac\n')
        tool.chmod(0o755)
        monkeypatch.setattr(audit, "TOOLS", tmp_path)

    def test_are_not_called_clean_where_nobody_answers(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._tools(tmp_path, monkeypatch, known_bad=SKIPPED, locked=CLEAN)

        assert audit.check_advisories() == 0
        assert capsys.readouterr().out.startswith("NOT AUDITED: no source of advisories answers here")

    def test_end_it_where_one_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._tools(tmp_path, monkeypatch, known_bad=FOUND, locked=FOUND)

        assert audit.check_advisories() == 1
        assert "Vulnerable: django 3.2.0: PYSEC-1, PYSEC-2" in capsys.readouterr().out

    def test_name_what_could_not_be_asked_about(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._tools(tmp_path, monkeypatch, known_bad=FOUND, locked=SKIPPED)

        assert audit.check_advisories() == 0
        assert "NOT AUDITED: django is not known to osv." in capsys.readouterr().out
