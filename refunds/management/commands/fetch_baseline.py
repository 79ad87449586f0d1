"""Judge what Stripe gave back lately by a version."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.kernel.people import User
from config.kernel.refusals import NotPermitted, Refused
from policies.baselines.counting import sentences_of
from policies.baselines.judging import ask_baseline, check_may_add, run_baseline
from policies.models import PolicyVersion
from refunds.gateways.base import GatewayUnreachable
from refunds.past_refunds import file_of_past_refunds

if TYPE_CHECKING:
    from argparse import ArgumentParser

STRIPE = "stripe"
LONGEST_DAYS = 366


class Command(BaseCommand):
    """Say what a version would have done with the refunds of the last days; no money moves."""

    help = "Read Stripe's refunds of the last days, page by page, and judge them by a version as a baseline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the version, the days, and who answers for it."""
        parser.add_argument("--policy", required=True, metavar="SLUG")
        parser.add_argument("--version-number", required=True, type=int, metavar="N")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who asks, such as mei")
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *_words: Any, **options: Any) -> None:
        """Fetch, judge, and say what came of it."""
        actor = User.objects.filter(username=options["by"]).first()
        version = (
            PolicyVersion.objects.select_related("policy__team")
            .filter(policy__slug=options["policy"], number=options["version_number"])
            .first()
        )
        if actor is None or version is None or not 1 <= options["days"] <= LONGEST_DAYS:
            message = f"There is no such person or version, or not 1 to {LONGEST_DAYS} days."
            raise CommandError(message)
        since = timezone.now() - timedelta(days=options["days"])
        try:
            check_may_add(actor, version.pk)
            content = file_of_past_refunds(gateway=STRIPE, team=version.policy.team, since=since)
            # After the fetching: what left meanwhile is listed too, and must not lie in the future.
            baseline, is_new = ask_baseline(version_id=version.pk, content=content, actor=actor, at=timezone.now())
        except (NotPermitted, GatewayUnreachable) as no:
            raise CommandError(str(no)) from None
        except Refused as no:
            raise CommandError("\n".join(reason.detail for reason in no.reasons)) from None
        if is_new:
            run_baseline(job_id=baseline.job_id)
        else:
            self.stdout.write("These refunds were judged by this version before; nothing was added.")
        for sentence in sentences_of(baseline):
            self.stdout.write(sentence)
