"""The virus scanner: a small clamd of ours that answers, finds, sulks or is not there."""

from __future__ import annotations

import socketserver
import struct
import threading
from typing import TYPE_CHECKING

import pytest

from evidence import ledger, quarantine
from evidence.attachments import kinds_of, seen_by
from evidence.models import Attachment
from evidence.scanning import scan
from evidence.vocabulary import ScanState

from .builders import NOON, attach_one, drawing, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.ThreadingTCPServer):
    """Speaks INSTREAM and finds one test file; `answer`, when set, is said instead."""

    daemon_threads = True
    answer: bytes | None = None
    received: list[bytes]


class Conversation(socketserver.StreamRequestHandler):
    """One scan."""

    server: Clamd

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.received.append(content)
        verdict = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(verdict if self.server.answer is None else self.server.answer)


@pytest.fixture
def clamd(settings: Settings) -> Iterator[Clamd]:
    """Start it on loopback and name it in the settings."""
    with Clamd(("127.0.0.1", 0), Conversation) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.CLAMD_ADDRESS = f"127.0.0.1:{server.server_address[1]}"
        settings.CLAMD_SECONDS = 2
        yield server
        server.shutdown()


@pytest.fixture
def nobody_answers(settings: Settings) -> None:
    """Name a port on which nobody listens."""
    settings.CLAMD_ADDRESS = "127.0.0.1:9"


@pytest.mark.django_db
class TestScanner:
    """Attaching beside a scanner."""

    def test_is_not_asked_where_there_is_none(self, subject: Subject, north: Team, nora: User) -> None:
        assert attach_one(subject, north, nora, drawing()).scan_state == ScanState.UNSCANNED

    def test_gets_every_byte_as_it_came(self, subject: Subject, north: Team, nora: User, clamd: Clamd) -> None:
        content = drawing() + bytes(200_000)

        attachment = attach_one(subject, north, nora, content)

        assert clamd.received == [content]
        assert (attachment.scan_state, attachment.scanned_at, attachment.is_shown) == (ScanState.CLEAN, NOON, True)

    def test_puts_an_infected_file_away(
        self, subject: Subject, north: Team, nora: User, clamd: Clamd, private_files: Path
    ) -> None:
        attachment = attach_one(subject, north, nora, drawing() + EICAR)

        attachment.refresh_from_db()
        assert (attachment.scan_state, attachment.infection) == (ScanState.INFECTED, "Eicar-Test-Signature")
        assert not attachment.is_shown
        assert [path for path in private_files.rglob("*") if path.is_file()] == [
            private_files / str(attachment.original)
        ]
        assert kinds_of(subject) == frozenset()
        assert seen_by(nora, subject).count == 0
        assert [entry.kind for entry in ledger.timeline_of(subject)] == ["evidence.attached", "evidence.quarantined"]

    @pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\xfe\0", b"OK"])
    def test_that_does_not_answer_in_its_words_keeps_the_file_waiting(
        self, subject: Subject, north: Team, nora: User, clamd: Clamd, answer: bytes
    ) -> None:
        clamd.answer = answer

        attachment = attach_one(subject, north, nora, drawing())

        assert (attachment.scan_state, attachment.is_shown) == (ScanState.WAITING, False)
        assert kinds_of(subject) == frozenset()

    def test_is_given_up_after_a_time(self, clamd: Clamd, settings: Settings) -> None:
        settings.CLAMD_SECONDS = 0.2
        clamd.answer = b"stream: "

        assert scan(b"x").state == ScanState.WAITING

    @pytest.mark.parametrize("address", ["127.0.0.1:9", "/nowhere/clamd.sock"])
    def test_that_is_not_there_stops_nothing(self, settings: Settings, address: str) -> None:
        settings.CLAMD_ADDRESS = address

        assert scan(b"x").state == ScanState.WAITING


@pytest.mark.django_db(transaction=True)
class TestScanWaiting:
    """Asking again."""

    @pytest.fixture
    def waiting(self, nobody_answers: None, subject: Subject, north: Team, nora: User) -> Callable[[bytes], Attachment]:
        """Attach a file while the scanner is down."""
        return lambda content: attach_one(subject, north, nora, content)

    def test_shows_what_is_clean(self, waiting: Callable[[bytes], Attachment], request: pytest.FixtureRequest) -> None:
        attachment = waiting(drawing())
        request.getfixturevalue("clamd")

        assert quarantine.scan_waiting(at=NOON) == 1
        attachment.refresh_from_db()
        assert (attachment.scan_state, attachment.is_shown) == (ScanState.CLEAN, True)
        assert stored(attachment.shown)

    def test_puts_away_what_is_not(
        self, waiting: Callable[[bytes], Attachment], request: pytest.FixtureRequest, private_files: Path
    ) -> None:
        attachment = waiting(drawing() + EICAR)
        request.getfixturevalue("clamd")

        quarantine.scan_waiting(at=NOON)

        attachment.refresh_from_db()
        assert attachment.scan_state == ScanState.INFECTED
        assert [path for path in private_files.rglob("*") if path.is_file()] == [
            private_files / str(attachment.original)
        ]
        last = ledger.timeline_of(attachment.subject).last()
        assert last is not None
        assert (last.kind, last.machine) == ("evidence.quarantined", "virus scanner")

    def test_stops_when_nobody_answers(self, waiting: Callable[[bytes], Attachment]) -> None:
        waiting(drawing(quality=50))
        waiting(drawing(quality=60))

        assert quarantine.scan_waiting(at=NOON) == 0
        assert Attachment.objects.filter(scan_state=ScanState.WAITING).count() == 2

    def test_does_nothing_twice(self, waiting: Callable[[bytes], Attachment], request: pytest.FixtureRequest) -> None:
        attachment = waiting(drawing() + EICAR)
        request.getfixturevalue("clamd")

        assert [quarantine.scan_waiting(at=NOON) for _ in range(2)] == [1, 0]
        assert ledger.timeline_of(attachment.subject).count() == 2
