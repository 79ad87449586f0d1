"""What whoever runs the portal copies and types: units, containers, proxies and the runbook agree with the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from config.environment import Environment
from config.kernel.rest import LARGEST_FORM_BYTES
from config.live_hub import LIFE_SECONDS, MOST_STREAMS
from config.work import QUEUES, SIGNING_QUEUE
from tests.architecture.test_migrations import MARK

DEPLOY = Path(__file__).resolve().parents[2] / "config" / "deploy"
UNITS = {path.name: path.read_text() for path in sorted((DEPLOY / "systemd").iterdir())}
SERVICES = {name: unit for name, unit in UNITS.items() if name.endswith(".service")}
COMPOSE = (DEPLOY / "compose.yaml").read_text()
RUNBOOK = (DEPLOY / "runbook.md").read_text()
PROXIES = {name: (DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf")}
FIELDS = {name.upper() for name in Environment.model_fields} | {f"{name.upper()}_FILE" for name in Environment.SECRETS}
MEBIBYTE = 1024 * 1024


def portal_services() -> dict[str, dict[str, Any]]:
    """Answer the containers that run our image."""
    return {name: one for name, one in yaml.safe_load(COMPOSE)["services"].items() if one["image"] == "redress"}


def queues_of(text: str) -> set[str]:
    """Answer the queues that workers are told to take from."""
    return {queue for told in re.findall(r"-Q[ ,\"']+([a-z_,]+)", text) for queue in told.split(",") if queue}


def setting(unit: str, name: str) -> str:
    """Answer what a unit says once."""
    (said,) = re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)
    return str(said)


class TestCommands:
    @pytest.mark.parametrize("name", ["runbook.md", "compose.yaml", "Dockerfile"])
    def test_are_commands_of_the_portal(self, name: str) -> None:
        named = set(re.findall(r"manage\.py ([a-z]\w*)", (DEPLOY / name).read_text()))

        assert named
        assert named <= set(get_commands())

    def test_of_modules_are_there(self) -> None:
        named = set(re.findall(r"-m (config(?:\.\w+)+)", RUNBOOK + COMPOSE))

        assert named
        places = {one: DEPLOY.parents[1] / one.replace(".", "/") for one in named}
        assert [
            one for one, at in places.items() if not (at.with_suffix(".py").is_file() or (at / "__main__.py").is_file())
        ] == []


class TestVariables:
    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_of_units_are_settings(self, name: str) -> None:
        told = re.findall(r"^Environment=(.*)$", SERVICES[name], re.MULTILINE)

        assert {pair.partition("=")[0] for line in told for pair in line.split()} <= FIELDS

    def test_of_containers_are_settings(self) -> None:
        assert {name for one in portal_services().values() for name in one["environment"]} <= FIELDS

    def test_of_the_runbook_are_settings(self) -> None:
        named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", RUNBOOK))

        assert {name.upper() for name in Environment.REQUIRED} <= named
        assert named <= FIELDS | {MARK}

    def test_that_hold_a_secret_have_no_value_in_a_unit_or_container(self) -> None:
        secret = {
            name
            for name in FIELDS
            if name.endswith(("_KEY", "_KEYS", "_SECRET", "_SECRETS", "_TOKEN", "_URL", "_FALLBACKS"))
        }

        assert not [name for name in secret for text in (*UNITS.values(), COMPOSE) if re.search(rf"\b{name}[=:]", text)]


class TestPatience:
    def test_with_the_database_ends_only_where_somebody_waits_for_an_answer(self) -> None:
        units = {name for name, unit in SERVICES.items() if "DATABASE_PATIENCE_SECONDS" in unit}
        containers = {
            name for name, one in portal_services().items() if "DATABASE_PATIENCE_SECONDS" in one["environment"]
        }

        assert units == {name for name, unit in SERVICES.items() if "granian" in unit}
        assert containers == {"web1", "web2", "live"}


class TestSigningKey:
    def test_is_given_to_one_unit(self) -> None:
        assert [name for name, unit in SERVICES.items() if "SIGNING_KEY_FILE" in unit] == ["redress-signing.service"]

    def test_is_given_to_one_container(self) -> None:
        assert [name for name, one in portal_services().items() if "SIGNING_KEY_FILE" in one["environment"]] == [
            "signing"
        ]

    def test_is_where_its_queue_is_worked_on(self) -> None:
        assert [name for name, unit in SERVICES.items() if SIGNING_QUEUE in queues_of(unit)] == [
            "redress-signing.service"
        ]


class TestQueues:
    def test_of_units_are_all_of_ours(self) -> None:
        assert queues_of("\n".join(SERVICES.values())) == {queue.name for queue in QUEUES}

    def test_of_containers_are_all_of_ours(self) -> None:
        commands = "\n".join(" ".join(one.get("command", ())) for one in portal_services().values())

        assert queues_of(commands) == {queue.name for queue in QUEUES}

    def test_of_the_runbook_are_ours(self) -> None:
        assert queues_of(RUNBOOK) <= {queue.name for queue in QUEUES}


class TestUnits:
    def test_of_the_target_are_there(self) -> None:
        wanted = re.findall(r"redress-[a-z]+@?(?:\d)?\.service", UNITS["redress.target"])

        assert {re.sub(r"@\d", "@", name) for name in wanted} == set(SERVICES)

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_are_hardened(self, name: str) -> None:
        unit = SERVICES[name]

        assert setting(unit, "User") == "redress"
        assert setting(unit, "ProtectSystem") == "strict"
        assert setting(unit, "NoNewPrivileges") == "yes"
        assert setting(unit, "PrivateTmp") == "yes"
        assert setting(unit, "ReadWritePaths") == "/var/lib/redress"
        assert setting(unit, "MemoryMax")

    @pytest.mark.parametrize("name", ["redress-worker@.service", "redress-signing.service"])
    def test_let_a_worker_finish_the_longest_task(self, name: str) -> None:
        assert int(setting(SERVICES[name], "TimeoutStopSec")) > settings.CELERY_TASK_TIME_LIMIT
        # A pool whose every process hears SIGTERM may hang.
        assert setting(SERVICES[name], "KillMode") == "mixed"

    def test_leave_threads_to_pages_beside_the_streams(self) -> None:
        told = re.findall(r"--blocking-threads[\", ]+(\d+)", "\n".join(UNITS.values()) + dockerfile())

        assert len(told) == 3
        assert all(int(count) > MOST_STREAMS for count in told)


def dockerfile() -> str:
    """Answer how the image is made."""
    return (DEPLOY / "Dockerfile").read_text()


class TestContainers:
    def test_name_only_what_the_file_makes(self) -> None:
        made = yaml.safe_load(COMPOSE)
        for service in made["services"].values():
            secrets = {one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())}
            volumes = {one.partition(":")[0] for one in service.get("volumes", ())}
            assert secrets <= set(made["secrets"])
            assert {one for one in volumes if not one.startswith(".")} <= set(made["volumes"])
            assert set(service.get("depends_on", ())) <= set(made["services"])

    def test_let_a_worker_finish_the_longest_task(self) -> None:
        patience = [
            one["stop_grace_period"] for one in portal_services().values() if "worker" in one.get("command", ())
        ]

        assert len(patience) == 3
        assert all(int(said.removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT for said in patience)

    def test_hold_every_package_of_the_portal(self) -> None:
        copied = set(re.findall(r"^COPY (\w+) ", dockerfile(), re.MULTILINE))
        packages = {app.partition(".")[0] for app in settings.INSTALLED_APPS}
        ours = {name for name in packages if (DEPLOY.parents[1] / name).is_dir()}

        assert copied == ours | {"static", "templates"}


class TestProxies:
    def test_take_what_the_portal_would_refuse_in_words(self) -> None:
        (caddy,) = re.findall(r"max_size (\d+)MiB", PROXIES["Caddyfile"])
        (nginx,) = re.findall(r"client_max_body_size (\d+)m;", PROXIES["nginx.conf"])

        assert caddy == nginx
        assert int(caddy) * MEBIBYTE > LARGEST_FORM_BYTES
        assert int(caddy) > Environment.model_fields["evidence_file_megabytes"].default

    def test_outlast_a_stream(self) -> None:
        caddy = PROXIES["Caddyfile"].partition("handle /live/")[2]
        nginx = PROXIES["nginx.conf"].partition("location = /live/")[2]

        assert [int(re.findall(r"read_timeout (\d+)s", part)[0]) > LIFE_SECONDS for part in (caddy, nginx)] == [
            True,
            True,
        ]
        assert "flush_interval -1" in caddy
        assert "proxy_buffering off" in nginx

    def test_keep_strangers_from_the_figures(self) -> None:
        caddy, nginx = PROXIES["Caddyfile"], PROXIES["nginx.conf"].partition("location = /metrics")[2]

        # A bare `respond` would come after the handles that pass everything on.
        assert re.search(r"@strangers \{\s+path /metrics\s+not remote_ip 127\.0\.0\.1/32 ::1/128\s+\}", caddy)
        assert re.search(r"handle @strangers \{\s+respond 404\s+\}", caddy)
        assert "deny all;" in nginx.partition("}")[0]

    def test_have_a_page_of_their_own_while_nobody_answers(self) -> None:
        page = (DEPLOY / "maintenance.html").read_text()

        assert not re.search(r"(?:src|href|url)\s*[=(]", page), "what it needs may be what is broken"
        assert re.search(
            r"\[502, 503, 504\].*/maintenance\.html.*Retry-After 30.*status 503", PROXIES["Caddyfile"], re.DOTALL
        )
        assert "error_page 502 503 504 =503 /maintenance.html;" in PROXIES["nginx.conf"]
        assert "add_header Retry-After 30 always;" in PROXIES["nginx.conf"]


class TestAlerts:
    def test_have_a_line_each_in_the_runbook(self) -> None:
        groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
        named = {rule["alert"] for group in groups for rule in group["rules"]}

        assert named
        assert set(re.findall(r"^\| (Redress\w+) \|", RUNBOOK, re.MULTILINE)) == named
