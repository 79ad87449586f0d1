"""Secrets that lie in files: each secret setting NAME may be said as NAME_FILE, the path of a file that holds it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUFFIX: Final = "_FILE"
MOST_BYTES: Final = 64 * 1024


class SecretFileFault(Exception):
    """A file that no secret is taken from, and why."""


def read_secret_files(names: Iterable[str], told: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read the file of each of these settings that has one; answers what they hold and every reason against one.

    Words of a list may stand on lines of their own.
    """
    read: dict[str, Any] = {}
    faults: list[str] = []
    for name in names:
        path = told.get(name.upper() + SUFFIX, "")
        if not path:
            continue
        if told.get(name.upper()):
            faults.append(f"{name.upper()}{SUFFIX} and {name.upper()} are both set: keep one of the two.")
            continue
        try:
            read[name] = _content(Path(path))
        except SecretFileFault as fault:
            faults.append(f"{name.upper()}{SUFFIX} {fault}")
    return read, faults


def _content(path: Path) -> str:
    """Read a secret.

    :raises SecretFileFault: when there is none, or more than its owner and group may read it
    """
    try:
        if not path.is_file():
            raise SecretFileFault("names no file.")
        if path.stat().st_mode & stat.S_IRWXO:
            raise SecretFileFault(f"names a file that everybody on this machine may open: chmod o= {path}")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1).decode().strip()
    except OSError as error:
        raise SecretFileFault(f"names a file that cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SecretFileFault("names a file that is no text.") from None
    if not content or len(content) > MOST_BYTES:
        raise SecretFileFault("names a file that is empty." if not content else "names a file that is too long.")
    return content
