"""Signed notes: written in one way, read in that way only, signed by the key they name."""

from __future__ import annotations

import base64
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.checkpoints.notes import BEFORE_ALL, NotANote, Statement, check_signed, read, sign, verifier_key
from tests.harness.world import NOON

if TYPE_CHECKING:
    from pathlib import Path

NAME = "redress.example/ledger"
SAID = Statement(NAME, 7, b"\x07" * 32, BEFORE_ALL, NOON)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


class TestNote:
    def test_is_laid_out_as_a_tlog_checkpoint(self) -> None:
        note = sign(SAID, name=NAME, private_key=KEY)

        lines = note.split("\n")
        assert lines[:3] == [NAME, "7", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="]
        assert lines[3:6] == [f"previous {BEFORE_ALL}", "time 2026-11-20T12:00:00.000000Z", ""]
        assert lines[6].startswith(f"— {NAME} ")
        assert lines[7:] == [""]

    def test_says_what_was_signed(self) -> None:
        assert check_signed(sign(SAID, name=NAME, private_key=KEY), name=NAME, public_key=PUBLIC) == SAID

    @pytest.mark.parametrize(
        ("what", "instead"),
        [("\n7\n", "\n8\n"), ("BwcH", "CAgI"), ("previous 0", "previous 1"), ("12:00", "13:00"), (NAME, "other")],
    )
    def test_is_refused_when_a_line_was_changed(self, what: str, instead: str) -> None:
        note = sign(SAID, name=NAME, private_key=KEY).replace(what, instead, 1)

        with pytest.raises(NotANote):
            check_signed(note, name=NAME, public_key=PUBLIC)

    def test_is_refused_under_another_key(self) -> None:
        other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

        with pytest.raises(NotANote, match="bears no signature"):
            check_signed(sign(SAID, name=NAME, private_key=KEY), name=NAME, public_key=other)

    @pytest.mark.parametrize(
        "text", ["", "a\n\nb", "a\n1\nBw==\nprevious x\ntime y\n\n— a b\n", f"{NAME}\n07\nBw==\n\n", "\n" * 9]
    )
    def test_is_refused_when_it_is_none(self, text: str) -> None:
        with pytest.raises(NotANote):
            read(text)

    def test_bears_a_signature_that_openssl_verifies(self, tmp_path: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("openssl is not installed")
        note = sign(SAID, name=NAME, private_key=KEY)
        text, _, signature = note.partition("\n\n")
        (tmp_path / "text").write_text(text + "\n")
        (tmp_path / "signature").write_bytes(base64.b64decode(signature.split(" ")[2])[4:])
        pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / "key").write_bytes(pem)

        command = [openssl, "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key", "-in", "text"]
        done = subprocess.run([*command, "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False)

        assert done.returncode == 0, done.stderr

    def test_key_is_printed_as_witnesses_read_it(self) -> None:
        name, key_id, rest = verifier_key(NAME, PUBLIC).split("+", 2)

        assert (name, len(key_id)) == (NAME, 8)
        assert rest.startswith("A")
