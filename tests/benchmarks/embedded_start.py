"""The embedded server from nothing until it answers, next to bare initdb and start by the same programs.

Ours: a home of its own, with its lease, its warden, our configuration and an empty database. The reference: `initdb`
with the same words, then `pg_ctl -w start`. What comes back after which kill is tested in tests/deploy.

Run: `python -m tests.benchmarks.embedded_start`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.deploy import accounts
from config.deploy.postgres import INITDB, INITDB_LOCALE, Home
from tests.benchmarks.measure import ROUNDS, report, seconds


def main() -> int:
    """Measure and report."""
    ours, bare = [], []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / f"server{number}")
            ours.append(seconds(home.ensure_running))
            home.stop_if_unused()
            shutil.rmtree(home.folder, ignore_errors=True)
            bare.append(_bare(Path(folder) / "bare", home))
    stands = report(
        "embedded_start",
        ours=ours,
        reference=bare,
        unit="s",
        floor=2,
        target=1.5,
        is_latency=True,
        note="(with an empty database)",
    )
    return 0 if stands else 1


def _bare(data: Path, home: Home) -> float:
    """Let the server's own programs do it, as the account that may."""
    owner = accounts.server_account()
    is_root = os.geteuid() == 0
    data.mkdir()
    shutil.chown(data, owner.pw_uid, owner.pw_gid)
    data.parent.chmod(0o755)
    words = f"-k {data} -c listen_addresses="

    def run(program: str, *arguments: str) -> None:
        command = [home.program(program), "--pgdata", str(data), *arguments]
        subprocess.run(
            command,
            check=True,
            cwd=data,
            user=owner.pw_uid if is_root else None,
            group=owner.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start() -> None:
        run("initdb", *INITDB, *INITDB_LOCALE)
        run("pg_ctl", "start", "--wait", "--options", words)

    took = seconds(start)
    run("pg_ctl", "stop", "--wait", "--mode", "immediate")
    return took


if __name__ == "__main__":
    sys.exit(main())
