"""Copies and stamps: done elsewhere, once, tried again until they succeed, and never quietly missing."""

from __future__ import annotations

import shutil
import subprocess
import threading
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail

from evidence.checkpoints import copying
from evidence.checkpoints.errands import do_errands
from evidence.checkpoints.making import make_checkpoint
from evidence.checkpoints.refusing import UnableToDo
from evidence.checkpoints.stamping import check_stamp
from evidence.models import Checkpoint, CheckpointErrand
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings

MIDNIGHT = NOON + timedelta(hours=12)


@pytest.fixture
def place(settings: Settings, tmp_path: Path) -> Path:
    """Name a second place."""
    folder = tmp_path / "elsewhere"
    settings.CHECKPOINT_EXPORT = str(folder)
    return folder


@pytest.mark.django_db
@pytest.mark.usefixtures("key_file")
class TestCopies:
    def test_are_the_signed_notes_in_files_that_sort(self, place: Path) -> None:
        for minutes in range(2):
            entries(1)
            checkpoint(minutes)

        assert do_errands(at=NOON + timedelta(minutes=2)) == 2

        files = sorted(place.iterdir())
        assert [file.name for file in files] == ["checkpoint-000000001.txt", "checkpoint-000000002.txt"]
        assert [file.read_text() for file in files] == list(Checkpoint.objects.values_list("note", flat=True))
        assert do_errands(at=NOON + timedelta(hours=2)) == 0

    def test_never_replace_another_one(self, place: Path) -> None:
        entries(1)
        checkpoint()
        place.mkdir()
        (place / copying.name_of(1)).write_text("what was exported before somebody made it up anew")

        assert do_errands(at=NOON) == 0

        errand = CheckpointErrand.objects.get()
        assert errand.problem == "UnableToDo: There is another checkpoint 1 in the second place."
        assert "made it up" in (place / copying.name_of(1)).read_text()
        assert len(list(place.iterdir())) == 1

    def test_that_fail_are_tried_again_later_and_later(self, place: Path) -> None:
        place.write_text("a file where the folder should be")
        entries(1)
        checkpoint()
        waits = []
        at = NOON

        for _ in range(9):
            assert do_errands(at=at) == 0
            errand = CheckpointErrand.objects.get()
            waits.append(int((errand.next_at - at).total_seconds() // 60))
            assert do_errands(at=errand.next_at - timedelta(seconds=1)) == 0
            at = errand.next_at

        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert errand.problem.startswith("FileExistsError")
        place.unlink()
        assert do_errands(at=at) == 1
        errand.refresh_from_db()
        assert (errand.done_at, errand.problem, errand.try_count) == (at, "", 10)

    def test_go_by_mail_when_an_address_is_set(self, settings: Settings) -> None:
        settings.CHECKPOINT_EXPORT, settings.MAIL_IS_KEPT = "auditors@example.com", False
        entries(1)
        made = checkpoint()

        assert do_errands(at=NOON) == 1

        letter = mail.outbox[0]
        assert (letter.to, letter.body) == (["auditors@example.com"], made.note)

    def test_are_not_mailed_by_the_demo(self, settings: Settings) -> None:
        settings.CHECKPOINT_EXPORT, settings.MAIL_IS_KEPT = "auditors@example.com", True
        entries(1)
        checkpoint()

        assert do_errands(at=NOON) == 0
        assert CheckpointErrand.objects.get().problem == "UnableToDo: The demo sends no mail."

    def test_are_not_asked_for_without_a_place(self) -> None:
        entries(1)
        checkpoint()

        assert not CheckpointErrand.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("key_file")
class TestCopiesAtOnce:
    def test_are_made_once_each(self, place: Path) -> None:
        for minutes in range(6):
            entries(1)
            checkpoint(minutes)

        done = in_the_same_instant(*(partial(do_errands, at=NOON + timedelta(hours=1)) for _ in range(3)))

        assert sum(count for count in done if isinstance(count, int)) == 6
        assert set(CheckpointErrand.objects.values_list("try_count", flat=True)) == {1}


CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """A time stamping authority on this machine: `openssl ts` behind a small HTTP server."""

    def __init__(self, folder: Path, openssl: str) -> None:
        """Make a root, a stamping certificate and a server."""
        self.folder, self.openssl = folder, openssl
        folder.mkdir()
        (folder / "conf").write_text(CONFIGURATION)
        (folder / "ext").write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
        (folder / "serial").write_text("01\n")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout")
        self.run("req", "-x509", *key, "ca.key", "-out", "ca.pem", "-subj", "/CN=Time root", "-days", "20000")
        self.run("req", *key, "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Time")
        issue = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "20000", "-extfile", "ext")
        self.run("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *issue)
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
                stamp = ("-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply")
                authority.run("ts", "-reply", "-config", "conf", "-queryfile", "query", *stamp)
                self.send_response(200)
                self.end_headers()
                self.wfile.write((folder / "reply").read_bytes())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def run(self, *words: str) -> None:
        """Run openssl in the folder."""
        subprocess.run([self.openssl, *words], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def authority(settings: Settings, tmp_path: Path) -> Iterator[Authority]:
    """Ask an authority of our own."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    made = Authority(tmp_path / "authority", openssl)
    settings.TIMESTAMP_URL = f"http://127.0.0.1:{made.server.server_port}/"
    settings.TIMESTAMP_CA_FILE = made.folder / "ca.pem"
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.django_db
@pytest.mark.usefixtures("key_file")
class TestStamps:
    def test_are_asked_for_what_closes_a_day_and_verified(self, authority: Authority) -> None:
        entries(1)
        checkpoint()
        closing = make_checkpoint(at=MIDNIGHT)
        assert closing is not None

        assert do_errands(at=MIDNIGHT) == 1, CheckpointErrand.objects.get().problem

        errand = CheckpointErrand.objects.get()
        assert errand.checkpoint == closing
        check_stamp(bytes(errand.token), closing.note.encode())
        (authority.folder / "note").write_text(closing.note)
        (authority.folder / "stamp").write_bytes(bytes(errand.token))
        authority.run("ts", "-verify", "-data", "note", "-in", "stamp", "-CAfile", "ca.pem")

    def test_of_something_else_are_refused(self, authority: Authority) -> None:
        entries(1)
        checkpoint()
        make_checkpoint(at=MIDNIGHT)
        do_errands(at=MIDNIGHT)
        token = bytes(CheckpointErrand.objects.get().token)

        with pytest.raises(UnableToDo, match="something else"):
            check_stamp(token, b"another note")
        with pytest.raises(UnableToDo, match="no time stamp"):
            check_stamp(token[:-20] + b"\x00" * 20, Checkpoint.objects.get(number=2).note.encode())

    def test_that_cannot_be_had_are_tried_again(self, settings: Settings) -> None:
        settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
        entries(1)
        checkpoint()
        make_checkpoint(at=MIDNIGHT)

        assert do_errands(at=MIDNIGHT) == 0

        errand = CheckpointErrand.objects.get()
        assert errand.problem.startswith("ConnectionError")
        assert errand.next_at > MIDNIGHT
