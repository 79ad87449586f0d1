"""The machine with the database is lost in the middle of its work; all comes back elsewhere, by the runbook."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg

from config.deploy.processes import stop_all

from .backup import Backup
from .figures import Figure
from .killing import PROGRAMS, kill_database
from .premises import TWICE, premises
from .sender import Sender

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .premises import Premises

SENT_SINCE = 30
"""Messages accepted between the backup and the loss."""

LOST = [PROGRAMS[name] for name in ("web", "worker", "beat")]
"""The processor is somewhere else and stays."""

FILES_KEPT = 20
WITNESS = f"""
from io import BytesIO
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now
from PIL import Image
from config.kernel.ids import new_id
from config.kernel.people import Team, User
from config.kernel.subjects import Subject
from evidence.attachments import attach
from evidence.checkpoints import errands, making
team, amir = Team.objects.get(slug="uk-retail"), User.objects.get(username="amir")
for _ in range({FILES_KEPT}):
    drawn = BytesIO()
    Image.effect_noise((400, 300), 60).save(drawn, "PNG")
    photo = SimpleUploadedFile("box.png", drawn.getvalue(), "image/png")
    attach(subject=Subject("plea", new_id()), team=team, kind="photo", file=photo, actor=amir, at=now())
making.catch_up(at=now())
errands.do_errands(at=now())
"""
"""Evidence files with their ledger entries, and a signed checkpoint over them with a copy elsewhere."""

COUNTS = {
    "entries": "SELECT count(*) FROM evidence_ledgerentry",
    "checkpoints": "SELECT count(*) FROM evidence_checkpoint",
    "files": "SELECT count(*) FROM evidence_attachment WHERE erased_at IS NULL",
}
FILES = "SELECT original, sha256 FROM evidence_attachment WHERE erased_at IS NULL"
THERE = "SELECT event_id FROM refunds_delivery WHERE event_id = ANY(%s)"


def lose_the_database() -> Iterator[Figure]:
    """Back up a portal with some evidence, lose it under load, restore it into another folder, prove it and go on.

    `rto` runs from the loss until the restored portal has worked off a message sent to it; `rpo` is how much older the
    newest message that came back is than the newest one accepted before. A missing message, record or file is lost,
    and so is a file that is not what it was.

    :raises subprocess.CalledProcessError: when a step of the restore fails, such as the proof of the ledger
    """
    with premises() as place:
        backup = Backup(place.home, place.portal.var)
        try:
            _manage(place, "shell", "-v", "0", "-c", WITNESS)
            backup.take()
            yield _lose_and_restore(place, backup)
        finally:
            backup.end()


def _lose_and_restore(place: Premises, backup: Backup) -> Figure:
    before = {name: place.ask(question) for name, question in COUNTS.items()}
    with Sender(place.portal.port) as sender:
        place.until(lambda: len(sender.accepted) >= SENT_SINCE)
        lost_at = time.monotonic()
        _lose(place)
        backup.end()
        accepted = dict(sender.accepted)
        _restore(place, backup, elsewhere=place.portal.var / "restored")
        missing = sum(max(0, many - place.ask(COUNTS[name])) for name, many in before.items())
        wrong = _wrong_files(place)
        found = _found(place, accepted)
        for name in LOST:
            place.child(name).start()
        begun_at = time.monotonic()
        place.until(lambda: place.worked_off(sender, begun_at))
        rto = time.monotonic() - lost_at
    newest = max(accepted.values())
    rpo = newest - max((accepted[name] for name in found), default=min(accepted.values()))
    lost = len(accepted) - len(found) + missing + wrong
    seen: dict[str, object] = {
        "rpo": f"{rpo:.1f}s",
        "rto": f"{rto:.1f}s",
        "accepted": len(accepted),
        **before,
        "wrong_files": wrong,
    }
    return Figure("restore", lost, place.ask(TWICE), rto, seen)


def _lose(place: Premises) -> None:
    """Kill all that runs there at once; nobody looks at the old folder again."""
    place.is_over.set()
    kill_database(place)
    for name in LOST:
        place.kill(name)
    place.keeper.join()
    stop_all([place.child(name) for name in LOST])
    place.home.stop_if_unused()


def _restore(place: Premises, backup: Backup, *, elsewhere: Path) -> None:
    """Go through the steps of the runbook, up to the one before the programs are started."""
    copies = place.portal.var / "checkpoints"
    backup.put_back(elsewhere)
    place.move(elsewhere)
    place.home.ensure_running()
    place.until(lambda: place.ask("SELECT pg_is_in_recovery()::int") == 0)
    owner = {name: word for name, word in place.portal.words.items() if name != "DATABASE_ROLE"}
    subprocess.run([sys.executable, "-m", "config.deploy.prepare"], env=owner, check=True)
    _manage(place, "verify_ledger", "--exported", str(copies))
    _manage(place, "replay_decisions")
    _manage(place, "recount_rollups")
    _manage(place, "hold_after_restore", "--by", "lena")


def _manage(place: Premises, *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], env=place.portal.words, check=True)


def _wrong_files(place: Premises) -> int:
    """Count the files of evidence that are missing or not what the database says they are."""
    with psycopg.connect(place.home.url) as connection:
        rows = connection.execute(FILES).fetchall()
    return sum(not _is_whole(place.portal.var / "media" / name, digest) for name, digest in rows)


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _found(place: Premises, names: dict[str, float]) -> set[str]:
    """Answer the messages that came back."""
    with psycopg.connect(place.home.url) as connection:
        return {name for (name,) in connection.execute(THERE, [list(names)])}
