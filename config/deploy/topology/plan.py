"""Where everything of one topology is: its folder, its ports, its broker, its checkout."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from config.environment import PROJECT

HOST: Final = "127.0.0.1"
SITE: Final = "refunds.example"
"""The name in the shipped files; it need not resolve, for whoever calls says it in `Host`."""

BROKERS: Final = ("redis", "rabbitmq", "pgmq")
DEFAULT_PORT: Final = 18443
SHIPPED: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One topology. `is_lean` starts one process where the shipped files say more, for machines with little room."""

    directory: Path
    base_port: int = DEFAULT_PORT
    broker: str = "redis"
    checkout: Path = PROJECT
    postgres_programs: Path | None = None
    is_lean: bool = False

    @property
    def ports(self) -> dict[str, int]:
        """Every port by what listens there, counted from the proxy's."""
        names = ("https", "http", "web1", "web2", "live", "postgres", "broker", "sandbox", "epmd", "dist")
        return {name: self.base_port + number for number, name in enumerate(names)}

    @property
    def address(self) -> str:
        """Where the proxy listens; callers say the name of the site in `Host`."""
        return f"https://{HOST}:{self.base_port}"

    @property
    def secrets(self) -> Path:
        """The private folder."""
        return self.directory / "secrets"

    @property
    def var(self) -> Path:
        """`VAR_DIR`: uploads and static files."""
        return self.directory / "var"

    @property
    def note(self) -> Path:
        """What it was started with, for those who stop or roll it."""
        return self.directory / "plan.json"

    def keep(self) -> None:
        """Write down what it is started with."""
        told = {"base_port": self.base_port, "broker": self.broker, "is_lean": self.is_lean}
        self.note.write_text(json.dumps(told))

    def as_started(self) -> Plan:
        """Return the plan it was started with."""
        return replace(self, **json.loads(self.note.read_text()))

    @property
    def certificate(self) -> Path:
        """The proxy's certificate, which nobody but this topology believes."""
        return self.secrets / "tls" / "fullchain.pem"
