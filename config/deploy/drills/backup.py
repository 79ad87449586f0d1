"""What would lie on another machine: a base backup, the log that is streamed after it, files and keys."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from config.deploy import accounts, postgres

if TYPE_CHECKING:
    from pathlib import Path

SLOT = "drill"


class Backup:
    """The backup of one portal, taken while it runs. Leaving ends the streaming."""

    def __init__(self, home: postgres.Home, var: Path) -> None:
        self.home, self.var, self.folder = home, var, var / "backup"
        self.wal, self.files = self.folder / "wal", self.folder / "files"
        self.receiver: subprocess.Popen[bytes] | None = None

    def take(self) -> None:
        """Take it as the runbook says: the log first, so that it has no gap, and files after the rows that name them.

        :raises RuntimeError: when a program of PostgreSQL fails
        """
        for folder in (self.folder, self.wal):
            accounts.give(folder, accounts.server_account())
        self._finish("pg_receivewal", "--create-slot", "--slot", SLOT)
        self.receiver = self._begin("pg_receivewal", "--slot", SLOT, "--synchronous", "-D", str(self.wal))
        self._finish("pg_basebackup", "--checkpoint", "fast", "-X", "stream", "-D", str(self.folder / "base"))
        self.files.mkdir()
        shutil.copytree(self.var / "media", self.files / "media")
        for key in self.var.iterdir():
            if key.is_file():
                shutil.copy2(key, self.files)

    def end(self) -> None:
        """Stream no more, as when the machine it came from is gone."""
        if self.receiver is not None:
            self.receiver.terminate()
            self.receiver.wait()

    def put_back(self, var: Path) -> None:
        """Lay everything where a portal in this folder looks; the server is told to read on from the streamed log."""
        data = var / "postgres" / "data"
        shutil.copytree(self.files, var)
        var.chmod(0o755)
        shutil.copytree(self.folder / "base", data)
        for partial in self.wal.glob("*.partial"):
            partial.rename(partial.with_suffix(""))
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f'restore_command = \'cp "{self.wal}/%f" "%p"\'\n')
        (data / "recovery.signal").touch()
        if os.geteuid() == 0:
            owner = accounts.server_account()
            for path in (data, *data.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _finish(self, program: str, *words: str) -> None:
        if self._begin(program, *words).wait():
            message = f"{program} failed; what it said stands above."
            raise RuntimeError(message)

    def _begin(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        owner, is_root = accounts.server_account(), os.geteuid() == 0
        who = ["-h", str(self.home.socket_folder), "-p", str(postgres.PORT), "-U", postgres.NAME]
        return subprocess.Popen(
            [self.home.program(program), *who, *words],
            cwd=self.folder,
            user=owner.pw_uid if is_root else None,
            group=owner.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
