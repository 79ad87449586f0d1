"""Write the locked requirements: every package with its version and hashes, and no index address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--upgrade",
    "--quiet",
    "--python-version=3.11",
)
KINDS: dict[str, tuple[str, ...]] = {
    "production": ("pyproject.toml",),
    "development": ("--extra=dev", "pyproject.toml"),
    "audit": ("--group=audit",),
}


def main() -> None:
    """Resolve ``pyproject.toml`` once for each kind."""
    for kind, words in KINDS.items():
        path = f"config/requirements/{kind}.txt"
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            *OPTIONS,
            *words,
            "--output-file",
            path,
        ]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        print(f"{path}: {sum('==' in line for line in (PROJECT / path).read_text().splitlines())} packages")


if __name__ == "__main__":
    main()
