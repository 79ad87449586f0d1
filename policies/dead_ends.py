"""Requests a policy lets through to people and nobody could approve: asked before publishing, and every night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.staff import Need, Staff, can_be_had
from approvals.vocabulary import Category

from .engine.amounts import amount_words, listed, spoken
from .engine.coverage import currencies_with_bands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from approvals.staff import Signature
    from config.kernel.people import Team

    from .engine.document import PolicyDocument

FILES = "refunds.submit_refundrequest"


@dataclass(frozen=True, slots=True)
class Plausible:
    """Amounts of a category nobody could approve, from `from_minor` on, in a situation that can be any day.

    `situation` is empty when it is so whoever asks and whoever is here.
    """

    category: str
    currency: str
    from_minor: int
    situation: str
    needs: tuple[Need, ...]


def sentences_of(found: Iterable[Plausible]) -> list[str]:
    """Say what was found, the categories that share everything else in one sentence."""
    together: dict[tuple[str, str, int, tuple[Need, ...]], list[str]] = {}
    for each in found:
        together.setdefault((each.situation, each.currency, each.from_minor, each.needs), []).append(each.category)
    return [
        _sentence(situation, currency, minor, needs, categories)
        for (situation, currency, minor, needs), categories in together.items()
    ]


def _sentence(situation: str, currency: str, minor: int, needs: tuple[Need, ...], categories: list[str]) -> str:
    kinds = listed([spoken(category) for category in categories], "or")
    people = " and ".join(f"{need.count} with the role “{need.role}”" for need in needs)
    opening = f"{situation}, nobody" if situation else "Nobody"
    return f"{opening} can approve {amount_words(minor, currency)} or more as {kinds}: it needs {people}."


def plausible_dead_ends(document: PolicyDocument, team: Team, *, at: datetime) -> tuple[Plausible, ...]:
    """List what nobody could approve if it were asked for at `at`: at all, while people are away, or by whom entered.

    Tried at every amount where the people asked for or the people able to change; a later situation is told only for
    smaller amounts than an earlier one.
    """
    staff = Staff(team, at=at)
    found: list[Plausible] = []
    for currency in currencies_with_bands(document):
        for category in Category.values:
            found += _of_category(document, staff, category, currency, at)
    return tuple(found)


def _of_category(
    document: PolicyDocument, staff: Staff, category: str, currency: str, at: datetime
) -> Iterator[Plausible]:
    signatures = staff.signatures(category=category, currency=currency)
    told: int | None = None
    for situation, there in _situations(staff, signatures, at):
        for minor in _edges(document, category, currency, signatures):
            if told is not None and minor >= told:
                break
            able = [signature for signature in there if signature.single_minor >= minor]
            needs = _needs(document, category, currency, minor)
            if not can_be_had(needs, able):
                yield Plausible(category, currency, minor, situation, needs)
                told = minor if not situation else told
                break


def _situations(
    staff: Staff, signatures: Sequence[Signature], at: datetime
) -> Iterator[tuple[str, Sequence[Signature]]]:
    """List who could sign: everybody, those who are not away now, and those other than each who may ask herself."""
    yield "", signatures
    away = {person: until for person in staff.people if (until := staff.away_until(person, needed_by=at)) is not None}
    if away:
        names = " and ".join(f"{person} is away until {until:%d %b %H:%M} UTC" for person, until in away.items())
        yield f"While {names}", [signature for signature in signatures if signature.signer not in away]
    for person in staff.people:
        if person.has_perm(FILES):
            others = [
                signature
                for signature in signatures
                if person.pk not in signature.people and person.pk not in signature.lenders
            ]
            yield f"When {person} enters it", others


def _edges(document: PolicyDocument, category: str, currency: str, signatures: Sequence[Signature]) -> list[int]:
    """List the smallest amount of every stretch for which the same is asked of the same people."""
    bands = document.threshold_for(category, currency)
    if bands is None:
        return []
    lowest, highest = bands.auto_up_to_minor + 1, bands.approve_up_to_minor
    above = [tier.up_to_minor for tier in document.approval.tiers.get(currency, ())]
    above += [signature.single_minor for signature in signatures]
    above += [
        extra.when.above_minor[currency] for extra in document.approval.also if currency in extra.when.above_minor
    ]
    return sorted({minor for minor in (lowest, *[limit + 1 for limit in above]) if lowest <= minor <= highest})


def _needs(document: PolicyDocument, category: str, currency: str, minor: int) -> tuple[Need, ...]:
    """Name who signs an amount at most: the tier's people, and whoever a case might bring in besides."""
    steps = [
        *document.steps_for(minor, currency),
        *[extra for extra in document.approval.also if extra.when.may_hold(category, currency, minor)],
    ]
    return tuple(Need(step.role, step.quorum) for step in steps)
