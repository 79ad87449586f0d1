"""As whom the embedded server runs, and where that account can go: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
from pathlib import Path

NAME = "redress"
# Where root keeps what the server's account must reach when the checkout lies in a private folder.
ROOTS_FOLDER = Path("/var/lib") / NAME
MAKE_ACCOUNT = (
    ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME),
    ("adduser", "-S", "-D", "-H", NAME),
)


def server_account() -> pwd.struct_passwd:
    """Return the account the server runs as: our own, or for root a system account made on first use."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for make in ((), *MAKE_ACCOUNT):
        if make and shutil.which(make[0]):
            subprocess.run(make, check=False, capture_output=True)
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            continue
    return pwd.getpwnam("nobody")


def is_open_to_others(path: Path) -> bool:
    """Whether every folder above the path lets any account through."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


def reachable_folder(asked: Path, longest: int) -> Path:
    """Return a folder the server's account can enter: the one asked for, or for root a link to one elsewhere.

    Parents that are not ours are never opened to others. Removing the link forgets the data, as removing the
    folder would.
    """
    if os.geteuid() != 0 or (asked.exists() and not asked.is_symlink()):
        return asked
    if not asked.is_symlink():
        if is_open_to_others(asked) and len(os.fsencode(asked)) <= longest:
            return asked
        elsewhere = ROOTS_FOLDER / secrets.token_hex(6)
        asked.parent.mkdir(parents=True, exist_ok=True)
        try:
            asked.symlink_to(elsewhere)
        except FileExistsError:
            pass
        else:
            print(f"Other accounts cannot reach {asked}, so the database is kept in {elsewhere}.", file=sys.stderr)
    return asked.readlink()


def reachable_binaries(tree: Path) -> Path:
    """Return the folder of PostgreSQL's programs, copied once for root when the server's account cannot reach them."""
    if os.geteuid() != 0 or is_open_to_others(tree / "bin" / "postgres"):
        return tree
    copy = ROOTS_FOLDER / f"{tree.name}-{(tree / 'bin' / 'postgres').stat().st_size}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        package = tree.parent
        shutil.copytree(tree, draft / package.name / tree.name, symlinks=True)
        # The programs look for the libraries the wheel brought beside their package, by a relative path.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_others(draft)
        try:
            draft.rename(copy)
        except OSError:
            # Another process was faster; its copy is the same.
            shutil.rmtree(draft)
    return copy / tree.parent.name / tree.name


def _open_to_others(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def give(folder: Path, owner: pwd.struct_passwd) -> None:
    """Make the folder the owner's alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    folder.chmod(0o700)
