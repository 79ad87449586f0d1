"""The whole production on loopback, from the files we ship: it comes up, is rolled under load, and leaves nothing."""

from __future__ import annotations

import http.client
import os
import shutil
import ssl
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from django.db import connection

from config.deploy.portal import is_taken
from config.deploy.postgres import embedded
from config.deploy.processes import MARK
from config.deploy.topology import (
    caller,
    drill,
    fleet,
    papers,
    peopling,
    portal,
    programs,
    proxy,
    rolling,
    stores,
)
from config.deploy.topology.plan import HOST, SITE, Plan
from tests.deploy.test_portal import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

# The test's database is of this server, and only its own tools read it.
BUNDLED = Path(embedded().program("postgres")).parent


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A topology that is never started."""
    return Plan(directory=tmp_path / "topology", base_port=20_000, postgres_programs=BUNDLED)


class TestPapers:
    def test_are_their_owners_alone(self, plan: Plan) -> None:
        papers.make_papers(plan)

        kept = [path for path in plan.secrets.rglob("*") if path.is_file()]
        assert len(kept) >= 8
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
        assert stat.S_IMODE(plan.secrets.stat().st_mode) == 0o700

    def test_stay_as_they_are(self, plan: Plan) -> None:
        papers.make_papers(plan)
        before = (plan.secrets / "redress.env").read_text()

        papers.make_papers(plan)

        assert (plan.secrets / "redress.env").read_text() == before

    def test_let_the_owner_open_what_the_portal_sealed(self, plan: Plan) -> None:
        papers.make_papers(plan)

        portal_words, owner = (papers.read_words(plan.secrets / name) for name in ("redress.env", "owner.env"))
        assert {name for name in portal_words if portal_words[name] != owner[name]} == {"DATABASE_URL"}


class TestSite:
    def test_is_the_shipped_one_on_loopback(self, plan: Plan) -> None:
        site = proxy.site_of(plan)

        assert "listen 127.0.0.1:20000 ssl;" in site
        assert "proxy_next_upstream error timeout;" in site
        assert "[::]" not in site
        assert ":8001" not in site
        assert "/opt/redress" not in site
        assert "/etc/ssl" not in site

    def test_asks_nothing_of_who_is_down(self, plan: Plan) -> None:
        down = [line for line in proxy.site_of(plan, down=["web1"]).splitlines() if line.strip().endswith("down;")]

        # Among the pages, and among those who stand in for the streams.
        assert len(down) == 2
        assert all(f":{plan.ports['web1']} " in line for line in down)


class TestPortal:
    def test_starts_what_systemd_would_start(self, plan: Plan) -> None:
        papers.make_papers(plan)

        members = portal.portal(plan)

        assert members["worker2"].command[1:9] == [
            "-m", "celery", "-A", "config", "worker", "-n", "worker2@%h", "--concurrency"
        ]  # fmt: skip
        assert members["web2"].command[members["web2"].command.index("--port") + 1] == str(plan.ports["web2"])
        assert [name for name, one in members.items() if "SIGNING_KEY_FILE" in one.environment] == ["signing"]
        assert {one.environment["DEMO"] for one in members.values()} == {"0"}


class TestRefuseHalf:
    def test_names_the_packages(self, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        monkeypatch.setattr(programs, "POSTGRES_ROOT", Path("/nowhere"))
        bare = Plan(directory=plan.directory)

        with pytest.raises(programs.CannotStandError, match=r"Missing: .*postgresql, redis-server") as refused:
            fleet.start(bare, lambda _said: None)

        assert "apt-get install" in str(refused.value)
        assert not bare.directory.exists()


def free_ports(count: int = 10) -> int:
    """Find the first of so many ports in a row."""
    while True:
        base = free_port()
        if base + count < 1 << 16 and not any(is_taken(base + number) for number in range(count)):
            return base


def copy_of_tests_database(plan: Plan, blocker: DjangoDbBlocker) -> None:
    """Put the migrated tables into the topology's server: migrating anew would take longer than all tests here."""
    with blocker.unblock():
        connection.ensure_connection()
        made = connection.get_connection_params()
        connection.close()
    papers.make_papers(plan)
    stores.make_cluster(plan)
    server = stores.postgres(plan)
    server.start()
    server.wait_until_ready()
    stores.make_roles(plan)
    source = ["-h", str(made["host"]), "-p", str(made["port"]), "-U", str(made["user"]), f"{made['dbname']}_untouched"]
    dump = subprocess.run([BUNDLED / "pg_dump", "--no-owner", "--no-acl", *source], check=True, capture_output=True)
    owner = papers.read_words(plan.secrets / "owner.env")["DATABASE_URL"]
    subprocess.run([BUNDLED / "psql", "-qX", owner], input=dump.stdout, check=True, capture_output=True)
    server.end()


@pytest.fixture(scope="class")
def topology(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plan]:
    """A running one, one process each."""
    plan = Plan(
        directory=tmp_path_factory.mktemp("topology"),
        base_port=free_ports(),
        postgres_programs=BUNDLED,
        is_lean=True,
    )
    if missing := programs.missing_packages(plan):
        pytest.skip(f"{', '.join(missing)} not installed; .ci/run installs it")
    copy_of_tests_database(plan, django_db_blocker)
    said: list[str] = []
    fleet.start(plan, said.append)
    yield plan
    fleet.stop(plan, said.append)
    shutil.rmtree(stores.postgres_home(plan))
    assert not [one for one in said if "was killed" in one]
    assert processes_of(plan) == []


def processes_of(plan: Plan) -> list[int]:
    """Whatever was started for it and still lives."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(plan.directory) and process.pid != os.getpid():
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.mark.servers
@pytest.mark.slow
class TestTopology:
    def test_lets_a_person_in_through_the_proxy(self, topology: Plan) -> None:
        people = peopling.settle(topology)
        tally = caller.Tally()

        with closing(caller.Caller(topology, tally)) as amir:
            assert amir.sign_in(peopling.AGENT, people["password"])
            assert "Amir" in amir.get("/requests/")[1]

        assert tally.failures == []

    def test_packs_pages_and_nothing_that_says_more_by_its_length(self, topology: Plan) -> None:
        trust = ssl.create_default_context(cafile=str(topology.certificate))
        packed = {}
        for path in ("/login/", "/api/schema/?format=json"):
            line = http.client.HTTPSConnection(HOST, topology.base_port, timeout=30, context=trust)
            with closing(line):
                line.request("GET", path, headers={"Host": SITE, "Accept-Encoding": "gzip"})
                answer = line.getresponse()
                packed[path] = answer.headers.get("Content-Encoding")
                assert answer.status == 200

        assert packed == {"/login/": "gzip", "/api/schema/?format=json": None}

    def test_is_rolled_under_load_without_a_failed_answer(self, topology: Plan) -> None:
        said: list[str] = []

        assert drill.drill(
            topology,
            lambda: rolling.roll(topology, said.append, only=("web1", "web2", "worker1")),
            said.append,
        ), said

        assert "0 failed" in "".join(said)

    def test_has_a_scheduler_that_takes_over(self, topology: Plan) -> None:
        follower, seconds = drill.kill_ruling_scheduler(topology)

        assert follower in drill.BEATS
        assert seconds < drill.TAKE_OVER_SECONDS
        with psycopg.connect(stores.superuser_address(topology, "redress")) as database:
            assert database.execute("SELECT count(*) FROM kernel_schedulerlease").fetchone() == (1,)
