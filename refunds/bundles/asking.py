"""Asking for bundles and taking them home: who may, of what, and what a page shows before anything is built."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import joined, said
from evidence.bundles.keeping import Wish, ask_for_bundle, record_download
from evidence.models import Checkpoint
from evidence.vocabulary import BundleKind
from refunds.permissions import visible_to

from .populations import DATED_BY, LONGEST_SEED, MOST_ROWS, MOST_SAMPLED, population_of, sums_of

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from evidence.models import Bundle
    from refunds.models import RefundRequest

    from .populations import Population

TAKES_REQUEST: Final = "evidence.view_ledgerentry"
"""Beside seeing the request itself: its chain is what a bundle is about."""

TAKES_POPULATION: Final = "evidence.view_population"


def ask_for_request(
    *, refund_request: RefundRequest, has_files: bool, known_checkpoint: int | None = None, actor: User, at: datetime
) -> Bundle:
    """Queue the bundle of one request.

    :raises NotPermitted: for whoever may not see it
    :raises Refused: for a checkpoint there is not, or as `ask_for_bundle` does
    """
    if not may_take_request(actor, refund_request):
        raise NotPermitted("not_permitted", said("You may not take the evidence of this request home."))
    _check_checkpoint(known_checkpoint)
    wish = Wish(
        title=refund_request.reference,
        parameters={"reference": refund_request.reference},
        subject=refund_request.subject,
        has_files=has_files,
        known_checkpoint=known_checkpoint,
    )
    return ask_for_bundle(wish=wish, actor=actor, at=at)


def ask_for_population(
    *,
    population: Population,
    sample_size: int,
    seed: str,
    has_files: bool,
    known_checkpoint: int | None = None,
    actor: User,
    at: datetime,
) -> Bundle:
    """Queue the bundle of a sample of a population; without a seed one is made up and told.

    :raises NotPermitted: without the right to take populations
    :raises Refused: with every reason: an unknown date, days in the wrong order, a sample or population too large
    """
    if not actor.has_perm(TAKES_POPULATION):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=TAKES_POPULATION))
    check_population(population, sample_size=sample_size, seed=seed)
    _check_checkpoint(known_checkpoint)
    count = sum(each.count for each in sums_of(population, viewer=actor))
    if not count:
        raise Refused("nothing_found", said("No request is in this population."))
    if count > MOST_ROWS:
        raise Refused(
            "too_large",
            said(
                "{count} requests are in it; at most {most} fit. Take a shorter period.",
                count=f"{count:,}",
                most=f"{MOST_ROWS:,}",
            ),
        )
    chosen = seed or secrets.token_hex(8)
    wish = Wish(
        title=f"{min(sample_size, count)} of {count:,} {population.words()}"[:200],
        parameters={**population.parameters(), "sample_size": sample_size, "seed": chosen},
        has_files=has_files,
        known_checkpoint=known_checkpoint,
    )
    return ask_for_bundle(wish=wish, actor=actor, at=at)


def check_population(population: Population, *, sample_size: int, seed: str) -> None:
    """Refuse what no population can be. :raises Refused: with every reason"""
    faults = []
    if population.dated_by not in DATED_BY:
        faults.append(
            Reason(
                "invalid", said("A period is of requests {names}.", names=joined(DATED_BY.values(), ", ")), "dated_by"
            )
        )
    if population.until_on < population.from_on:
        faults.append(Reason("invalid", said("The last day is before the first."), "until_on"))
    if not 1 <= sample_size <= MOST_SAMPLED:
        faults.append(
            Reason(
                "too_large",
                said("A sample has 1 to {most} requests; split a larger one.", most=MOST_SAMPLED),
                "sample_size",
            )
        )
    if len(seed) > LONGEST_SEED or not seed.isprintable():
        faults.append(
            Reason(
                "invalid",
                said("A seed has at most {most} printable characters.", most=LONGEST_SEED),
                "seed",
            )
        )
    if faults:
        raise Refused.of(faults)


def take_bundle(*, bundle: Bundle, actor: User, at: datetime) -> None:
    """Write down that a bundle is taken home; its rights are asked anew. :raises NotPermitted: when they are gone"""
    if not may_take(actor, bundle):
        raise NotPermitted("not_permitted", said("You may not take this evidence home any more."))
    record_download(bundle=bundle, actor=actor, at=at)


def may_take_request(user: User, refund_request: RefundRequest) -> bool:
    """Tell whether somebody may take the evidence of a request home."""
    return user.has_perm(TAKES_REQUEST) and visible_to(user).filter(pk=refund_request.pk).exists()


def may_take(user: User, bundle: Bundle) -> bool:
    """Tell whether whoever asked for a bundle may still have it: with the rights and teams of when it was built."""
    if bundle.asked_by_id != user.pk or not team_ids_of(user) >= set(bundle.team_ids):
        return False
    if not user.has_perms(bundle.rights):
        return False
    if bundle.kind == BundleKind.POPULATION:
        return user.has_perm(TAKES_POPULATION)
    return user.has_perm(TAKES_REQUEST) and visible_to(user).filter(pk=bundle.subject.id).exists()


def population_of_bundle(bundle: Bundle) -> Population | None:
    """Name the population of a bundle; None for that of one request."""
    return population_of(bundle.parameters) if bundle.kind == BundleKind.POPULATION else None


def _check_checkpoint(number: int | None) -> None:
    if number is not None and not Checkpoint.objects.filter(number=number).exists():
        raise Refused("no_checkpoint", said("There is no checkpoint {number}.", number=number), "known_checkpoint")
