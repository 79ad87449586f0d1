"""Leaving a copy of a checkpoint in a second place: a folder, better on another machine, or somebody's mail."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage

from .refusing import UnableToDo

if TYPE_CHECKING:
    from evidence.models import Checkpoint


def leave_copy(checkpoint: Checkpoint) -> str:
    """Copy the note to where `CHECKPOINT_EXPORT` says, and answer where that was. A second copy changes nothing.

    :raises UnableToDo: when there is another checkpoint of that number, or no place is set any more
    :raises OSError: what the disk or the mail server says
    """
    place: str = settings.CHECKPOINT_EXPORT
    if not place:
        raise UnableToDo("CHECKPOINT_EXPORT is not set any more.")
    if "@" in place and "/" not in place:
        return _mail(checkpoint, place)
    return _write(checkpoint, Path(place))


def name_of(number: int) -> str:
    """Name the file of a checkpoint; names sort as the numbers do."""
    return f"checkpoint-{number:09d}.txt"


def _mail(checkpoint: Checkpoint, address: str) -> str:
    if settings.MAIL_IS_KEPT:
        raise UnableToDo("The demo sends no mail.")
    EmailMessage(
        subject=f"Checkpoint {checkpoint.number} of {checkpoint.key.name}",
        body=checkpoint.note,
        to=[address],
        attachments=[(name_of(checkpoint.number), checkpoint.note, "text/plain")],
    ).send()
    return address


def _write(checkpoint: Checkpoint, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    file, content = folder / name_of(checkpoint.number), checkpoint.note.encode()
    draft = folder / f".{file.name}.{secrets.token_hex(4)}"
    try:
        with draft.open("xb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        # A link never replaces: what was once exported stays what it was.
        file.hardlink_to(draft)
    except FileExistsError:
        if file.read_bytes() != content:
            raise UnableToDo(f"There is another checkpoint {checkpoint.number} in the second place.") from None
    finally:
        draft.unlink(missing_ok=True)
    return str(file)
