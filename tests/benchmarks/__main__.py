"""Run every benchmark, each in a process of its own: `python -m tests.benchmarks [NAME ...]`."""

from __future__ import annotations

import subprocess
import sys

NAMES = (
    "order_import",
    "submit_and_decide",
    "queue_page",
    "backtest",
    "policy_engine",
    "ledger",
    "money_out",
    "webhook_answer",
    "matching",
    "dashboard",
)


def main(wanted: list[str]) -> int:
    """Run what was asked for, or everything; answer how many missed their floor."""
    missed = 0
    for name in wanted or NAMES:
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False)
        missed += done.returncode != 0
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
