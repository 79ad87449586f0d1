"""What may be lent to whom, for how long and up to how much: asked when it is offered and again when it is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from config.kernel.money import Money, known_currency
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from evidence.text import refuse_card_number

from .authority import limit_for
from .conflicts import sentences_of
from .lending import SIGNS
from .models import Delegation
from .vocabulary import Category, DelegationState, in_a_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.kernel.people import User

LONGEST = timedelta(days=90)
LONGEST_WHY = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody wants to lend: to whom, when, where, for what, and up to which ceiling.

    Without teams or categories it holds in all of them; without a ceiling the limits of the two people bind alone.
    """

    lent_to: User
    from_at: datetime
    until_at: datetime
    teams: tuple[Team, ...] = ()
    categories: tuple[str, ...] = ()
    ceiling: Money | None = None
    why: str = ""


def may_be_party(person: User) -> bool:
    """Tell whether somebody may lend and be lent to: an active person who signs herself."""
    return person.is_active and not person.is_service_account and person.has_perm(SIGNS)


def check_may_lend(actor: User) -> None:
    """Let only those lend who have something to lend.

    :raises NotPermitted: `not_permitted`
    """
    if not may_be_party(actor):
        raise NotPermitted("not_permitted", said("Lending authority needs the role of an approver."))


def check_can_be_lent(offer: Offer, *, lender: User, at: datetime) -> None:
    """Refuse what cannot be lent, every field at once.

    :raises Refused: with a reason for each field
    """
    refuse_card_number(offer.why, field="why")
    reasons = [
        Reason("refused", sentence, field)
        for field, sentence in (
            *_about_people(offer, lender),
            *_about_time(offer, lender, at),
            *_about_scope(offer, lender),
            *_about_ceiling(offer, lender),
        )
    ]
    if len(offer.why) > LONGEST_WHY:
        reasons.append(Reason("invalid", said("Say why in at most {most} characters.", most=LONGEST_WHY), "why"))
    if reasons:
        raise Refused.of(reasons)


def clash_of(offer: Offer, *, lender: User) -> Delegation | None:
    """Find a delegation in force between the two whose time overlaps with the offer's."""
    return Delegation.objects.filter(
        lent_by=lender,
        lent_to=offer.lent_to,
        state=DelegationState.ACCEPTED,
        from_at__lt=offer.until_at,
        until_at__gt=offer.from_at,
    ).first()


def words_for_time(moment: datetime) -> str:
    """Say a moment to the minute, in UTC."""
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M} UTC"


def _about_people(offer: Offer, lender: User) -> Iterator[tuple[str, str]]:
    holder = offer.lent_to
    if holder.pk == lender.pk:
        yield "to", said("Nobody lends to herself.")
    elif not may_be_party(holder):
        yield (
            "to",
            said("{holder} signs for nothing: only an active approver can sign in another's name.", holder=holder),
        )
    elif not may_be_party(lender):
        yield "to", said("{lender} signs for nothing any more, so there is nothing to take over.", lender=lender)
    else:
        for sentence in sentences_of(lender.role_names | holder.role_names):
            yield "to", said("Together you would hold roles that exclude each other, {sentence}", sentence=sentence)


def _about_time(offer: Offer, lender: User, at: datetime) -> Iterator[tuple[str, str]]:
    if offer.until_at <= offer.from_at:
        yield "until_at", said("It must end after it begins.")
    elif offer.until_at <= at:
        yield "until_at", said("It must end in the future.")
    elif offer.until_at - offer.from_at > LONGEST:
        yield "until_at", said("At most {days} days; lend again when they are over.", days=LONGEST.days)
    elif (clash := clash_of(offer, lender=lender)) is not None:
        yield "from_at", said("{clash} is in force already. End it first.", clash=clash)


def _about_scope(offer: Offer, lender: User) -> Iterator[tuple[str, str]]:
    for team in offer.teams:
        for person in (lender, offer.lent_to):
            if team.pk not in team_ids_of(person):
                yield "teams", said("{person} does not work for {team}.", person=person, team=team)
    if not offer.teams and not team_ids_of(lender) & team_ids_of(offer.lent_to):
        yield "to", said("{person} works for none of the teams of {lender}.", person=offer.lent_to, lender=lender)
    for category in offer.categories:
        if category not in Category.values:
            yield "categories", said("There is no category “{category}”.", category=category)


def _about_ceiling(offer: Offer, lender: User) -> Iterator[tuple[str, str]]:
    """Keep the ceiling at or below what the lender may sign for herself, everywhere it would hold."""
    ceiling = offer.ceiling
    if ceiling is None:
        return
    if not known_currency(ceiling.currency):
        yield "currency", said("There is no currency “{currency}”.", currency=ceiling.currency)
        return
    if ceiling.minor <= 0:
        yield "single_minor", said("A ceiling is more than zero; without one the two limits bind alone.")
        return
    teams = offer.teams or tuple(Team.objects.filter(pk__in=team_ids_of(lender) & team_ids_of(offer.lent_to)))
    has_limit = False
    for category in offer.categories or Category.values:
        for team in teams:
            limit = limit_for(lender, team_id=team.pk, category=category, currency=ceiling.currency)
            has_limit |= limit is not None
            most = Money(limit.single_minor if limit else 0, ceiling.currency)
            if ceiling > most and (limit is not None or offer.categories):
                yield (
                    "single_minor",
                    said(
                        "{lender} signs for a {what} in {team} up to {most}; lend no more.",
                        lender=lender,
                        what=in_a_sentence(category),
                        team=team,
                        most=most,
                    ),
                )
    if not has_limit and not offer.categories:
        yield "currency", said("{lender} has no limit in {currency}.", lender=lender, currency=ceiling.currency)
