"""manage.py replay_decisions: judge every stored decision again and name those that come out otherwise."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from policies.models import Policy
from policies.replay_runs import Wanted, replay_all

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Replays decisions; ends with 0 only when every one says what it said."""

    help = "Judge stored decisions again from their stored facts, each under its own version, and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which decisions, how many, and in how many processes."""
        parser.add_argument("--policy", default="", metavar="SLUG", help="only decisions of this policy")
        parser.add_argument("--since", type=_moment, metavar="MOMENT", help="only decisions since this day or moment")
        parser.add_argument("--limit", type=_count, metavar="N", help="no more than the first N of them")
        parser.add_argument("--jobs", type=_count, default=_cores(), metavar="N", help="processes; one for each core")

    def handle(
        self,
        *_args: object,
        policy: str = "",
        since: datetime | None = None,
        limit: int | None = None,
        jobs: int = 1,
        **_options: object,
    ) -> None:
        """Replay, print the summary, and fail when something differs.

        :raises CommandError: when a decision differs, or for a policy nobody knows
        """
        if policy and not Policy.objects.filter(slug=policy).exists():
            message = f"There is no policy “{policy}”."
            raise CommandError(message)
        wanted = Wanted(policy=policy, since=since)
        total = (wanted.decisions if limit is None else wanted.decisions[:limit]).count()
        with tqdm(total=total, unit=" decisions", unit_scale=True, desc="Replaying") as bar:
            report = replay_all(wanted, limit=limit, jobs=jobs, progress=bar.update)
        for differing in report.named:
            self.stderr.write(str(differing))
        if report.different > len(report.named):
            self.stderr.write(f"... and {report.different - len(report.named):,} more.")
        told = f"Checked: {report.checked:,}, equal: {report.equal:,}, different: {report.different:,}."
        if report.rewritten:
            told += f" Left out, because their draft was rewritten after its shadow: {report.rewritten:,}."
        if report.different:
            message = f"{told} Not every decision says what it said."
            raise CommandError(message)
        self.stdout.write(f"{told} Every decision says what it said.")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "at least 1"
        raise ValueError(message)
    return number


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
