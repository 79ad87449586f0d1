"""The embedded server lives as long as somebody holds it, whatever is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from config.deploy import accounts, warden
from config.deploy.postgres import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0
HOLDER = """
import sys, time
from pathlib import Path
from config.deploy.postgres import Home
print(Home(Path(sys.argv[1])).ensure_running(), flush=True)
sys.stdin.read()
"""


def eventually(is_true: Callable[[], bool]) -> bool:
    """Look until it is true or patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Holder:
    """Another process that uses the server until it is told to go or killed."""

    def __init__(self, home: Home) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(home.asked)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "postgres")
    yield home
    assert home.stop_if_unused()
    shutil.rmtree(home.folder)


def postmaster(home: Home) -> int:
    pid = warden.postmaster_pid(home.folder / "data")
    assert pid is not None
    return pid


def living_postmaster(home: Home) -> int | None:
    """The server's process; nothing while one is gone and the next has not written its number yet."""
    pid = warden.postmaster_pid(home.folder / "data")
    return pid if pid is not None and warden.is_postgres(pid) else None


def warden_of(home: Home) -> int:
    return int((home.folder / "warden").read_text())


def processes(home: Home) -> list[int]:
    """Everything that has the server's folder on its command line, server and warden."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if str(home.folder) in words or str(home.folder / "data") in words:
                found.append(process.pid)
    return found


def remember(home: Home) -> None:
    with psycopg.connect(home.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def remembered(home: Home) -> int:
    with psycopg.connect(home.url) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    assert row is not None
    return int(row[0])


class TestEnsureRunning:
    def test_makes_a_database_from_nothing(self, home: Home) -> None:
        with psycopg.connect(home.ensure_running()) as connection:
            row = connection.execute("SELECT current_database(), current_setting('fsync')").fetchone()

        assert row == ("redress", "on")

    def test_serves_many_who_start_at_once(self, home: Home) -> None:
        holders = [Holder(home) for _ in range(6)]

        assert {holder.url() for holder in holders} == {home.url}
        assert len(processes(home)) == 2
        for holder in holders:
            holder.leave()

    def test_works_below_a_path_too_long_for_a_socket(self, tmp_path: Path) -> None:
        home = Home(tmp_path / ("deep" * 30) / "postgres")
        try:
            with psycopg.connect(home.ensure_running()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            assert home.stop_if_unused()
            shutil.rmtree(home.folder)

    def test_works_below_a_path_with_blanks_and_quotes(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "Ada's work & more" / "postgres")
        try:
            with psycopg.connect(home.ensure_running()) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            assert home.stop_if_unused()
            shutil.rmtree(home.folder)

    def test_never_opens_a_private_folder_to_others(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        home = Home(private / "var" / "postgres")
        try:
            home.ensure_running()
            assert private.stat().st_mode & 0o777 == 0o700
            assert home.folder.stat().st_mode & 0o777 == 0o700
        finally:
            assert home.stop_if_unused()
            shutil.rmtree(home.folder)

    def test_starts_over_a_lock_file_whose_number_a_stranger_has_now(self, home: Home) -> None:
        home.ensure_running()
        remember(home)
        os.kill(warden_of(home), signal.SIGKILL)
        os.kill(postmaster(home), signal.SIGKILL)
        assert eventually(lambda: not processes(home))
        lock = home.folder / "data" / "postmaster.pid"
        lock.write_text("\n".join([str(os.getpid()), *lock.read_text().split("\n")[1:]]))

        home.ensure_running()

        assert remembered(home) == 42


class TestTheServerAfterAKill:
    """Rows that were committed are there again, for those who held it and for those who come."""

    @pytest.mark.parametrize(
        "victims", [("postmaster",), ("warden",), ("postmaster", "warden"), ("warden", "postmaster")]
    )
    def test_comes_back(self, home: Home, victims: tuple[str, ...]) -> None:
        home.ensure_running()
        remember(home)
        numbers = {"postmaster": postmaster(home), "warden": warden_of(home)}

        for victim in victims:
            os.kill(numbers[victim], signal.SIGKILL)

        assert home.ensure_running() == home.url
        assert remembered(home) == 42

    def test_comes_back_by_itself_while_it_is_held(self, home: Home) -> None:
        home.ensure_running()
        remember(home)
        killed = postmaster(home)

        os.kill(killed, signal.SIGKILL)

        assert eventually(lambda: living_postmaster(home) not in {None, killed} and home._answers())
        assert remembered(home) == 42

    def test_comes_back_when_it_is_killed_again_while_it_recovers(self, home: Home) -> None:
        home.ensure_running()
        with psycopg.connect(home.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.execute("CREATE TABLE wide AS SELECT n, repeat('x', 200) FROM generate_series(1, 300000) n")
        for _ in range(3):
            assert eventually(lambda: living_postmaster(home) is not None)
            psutil.Process(postmaster(home)).kill()
            time.sleep(0.1)

        home.ensure_running()

        assert remembered(home) == 42

    def test_is_not_taken_for_alive_while_it_is_a_zombie(self, home: Home) -> None:
        home.ensure_running()
        remember(home)
        os.kill(warden_of(home), signal.SIGKILL)
        os.kill(postmaster(home), signal.SIGKILL)
        assert eventually(lambda: not processes(home))
        zombie = subprocess.Popen([sys.executable, "-c", ""])
        assert eventually(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
        lock = home.folder / "data" / "postmaster.pid"
        lock.write_text("\n".join([str(zombie.pid), *lock.read_text().split("\n")[1:]]))

        home.ensure_running()

        assert remembered(home) == 42
        zombie.wait()

    def test_comes_back_when_its_holder_goes_with_it(self, home: Home) -> None:
        holder = Holder(home)
        holder.url()
        remember(home)

        os.kill(postmaster(home), signal.SIGKILL)
        holder.kill()

        home.ensure_running()
        assert remembered(home) == 42


class TestTheServerWithoutHolders:
    def test_stops_when_the_last_one_leaves(self, home: Home) -> None:
        holder = Holder(home)
        holder.url()

        holder.leave()

        assert eventually(lambda: not processes(home))

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_stops_when_the_last_one_is_killed(self, home: Home, number: signal.Signals) -> None:
        holder = Holder(home)
        holder.url()

        holder.process.send_signal(number)
        holder.process.communicate()

        assert eventually(lambda: not processes(home))

    def test_is_not_stopped_under_somebody_else(self, home: Home) -> None:
        holder = Holder(home)
        holder.url()
        home.ensure_running()

        assert not home.stop_if_unused()

        assert home._answers()
        holder.leave()

    def test_is_stopped_at_once_when_asked(self, home: Home) -> None:
        home.ensure_running()

        assert home.stop_if_unused()

        assert not home._answers()
        # The warden lets go of its lock a moment before it is gone.
        assert eventually(lambda: not processes(home))

    def test_is_stopped_even_after_its_warden_was_killed(self, home: Home) -> None:
        home.ensure_running()
        os.kill(warden_of(home), signal.SIGKILL)

        assert home.stop_if_unused()

        assert not home._answers()
        # The warden lets go of its lock a moment before it is gone.
        assert eventually(lambda: not processes(home))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; otherwise every test here shows it")
class TestAnOrdinaryUser:
    def test_has_a_server_of_its_own(self) -> None:
        candidates = [Path(sys.executable).resolve(), Path(f"/usr/bin/python3.{sys.version_info[1]}")]
        python = next((path for path in candidates if path.exists() and accounts.is_open_to_others(path)), None)
        packages = Path(psycopg.__file__).parents[1]
        if python is None or not accounts.is_open_to_others(packages / "psycopg"):
            pytest.skip("the only Python or its packages lie where nobody else may go")
        folder = Path("/var/tmp") / f"redress-test-{os.getpid()}"  # noqa: S108 - made and removed here
        folder.mkdir(mode=0o755)
        os.chown(folder, 65534, 65534)
        try:
            done = subprocess.run(
                [python, "-m", "config.deploy.postgres", "start"],
                cwd=PROJECT,
                env={"PYTHONPATH": str(packages), "VAR_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
                user=65534,
                group=65534,
                extra_groups=[],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.stdout.startswith("postgresql://redress@/redress?host="), done.stderr
            assert (folder / "postgres" / "data").stat().st_uid == 65534
            assert eventually(lambda: not processes(Home(folder / "postgres")))
        finally:
            shutil.rmtree(folder)
