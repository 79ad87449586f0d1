"""nginx with the shipped rules: only addresses, ports and the certificate's place are this topology's."""

from __future__ import annotations

import getpass
import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

from config.deploy.portal import is_listening

from .members import Member
from .plan import HOST, SHIPPED
from .programs import CannotStandError, program
from .stores import PLAIN

if TYPE_CHECKING:
    from collections.abc import Collection

    from .plan import Plan

SETTLE_SECONDS = 60.0
AROUND = """\
{user}daemon off;
pid {folder}/nginx.pid;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def nginx(plan: Plan) -> Member:
    """The proxy."""
    folder = plan.directory / "nginx"
    return Member(
        name="nginx",
        command=[program(plan, "nginx"), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")],
        environment=PLAIN,
        directory=plan.directory,
        cwd=folder,
        is_ready=lambda _member: is_listening(plan.ports["https"]),
        stop_signal=signal.SIGQUIT,
        # Live streams last minutes, and nobody waits for them here.
        patience_seconds=10.0,
    )


def write_site(plan: Plan, *, down: Collection[str] = ()) -> None:
    """Write nginx's files; whoever is `down` is asked nothing new."""
    folder = plan.directory / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, folder=folder))
    (folder / "site.conf").write_text(site_of(plan, down=down))


def site_of(plan: Plan, *, down: Collection[str] = ()) -> str:
    """Return the shipped site with what is ours here. :raises CannotStandError: when a part of it has gone"""
    text = (SHIPPED / "nginx.conf").read_text()
    ports = plan.ports
    ours = {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl;\n": "",
        "listen 80;": f"listen {HOST}:{ports['http']};",
        "listen 443 ssl;": f"listen {HOST}:{ports['https']} ssl;",
        "/etc/ssl/redress": str(plan.certificate.parent),
        "/opt/redress/config/deploy": str(SHIPPED),
        "127.0.0.1:8001": f"{HOST}:{ports['web1']}",
        "127.0.0.1:8002": f"{HOST}:{ports['web2']}",
        "127.0.0.1:8009": f"{HOST}:{ports['live']}",
    }
    for shipped, here in ours.items():
        if shipped not in text:
            raise CannotStandError(f"nginx.conf says “{shipped.strip()}” no more, so it cannot be tried here.")
        text = text.replace(shipped, here)
    for name in down:
        lines = [line for line in text.splitlines() if f"server {HOST}:{ports[name]}" in line]
        for line in lines:
            text = text.replace(line, line.replace(";", " down;"))
    return text


def read_again(plan: Plan) -> None:
    """Let nginx read its files; returns once no process of it goes by the old ones for new requests.

    :raises CannotStandError: when it does not, for example because of a fault in the files
    """
    master = nginx(plan).process()
    if master is None:
        raise CannotStandError("nginx does not run.")
    before = {child.pid for child in master.children()}
    master.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _goes_by_new_files(master, before):
        if time.monotonic() > deadline:
            raise CannotStandError(f"{nginx(plan).last_words()}\nnginx did not take its new files.")
        time.sleep(0.05)


def _goes_by_new_files(master: psutil.Process, before: set[int]) -> bool:
    """Whether there are new processes, and the old ones only finish what they began."""
    children = {child.pid: child for child in master.children()}
    return bool(children.keys() - before) and all(_only_finishes(children[pid]) for pid in before & children.keys())


def _only_finishes(child: psutil.Process) -> bool:
    try:
        return child.status() == psutil.STATUS_ZOMBIE or "shutting down" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return True
