"""The amounts that nobody of a team could sign for, as roles and limits stand now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

from approvals.authority import limit_for, load_limits
from approvals.roles import ROLES
from approvals.vocabulary import Category
from config.kernel.people import people_of

from .engine.amounts import amount_words, listed, spoken
from .engine.coverage import currencies_with_bands
from .engine.gaps import Gap, Kind, Severity
from .engine.signature_words import condition_words
from .engine.words import Risk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.kernel.people import Team, User

    from .engine.document import PolicyDocument
    from .engine.signatures import Extra, Step

SIGNS = "approvals.decide_approvalstep"
WHAT = "{what}"
"""Where a sentence names its categories, which are joined when they share it."""


@dataclass(frozen=True)
class _Signer:
    """Who could sign, and for how much at once, in minor units."""

    name: str
    roles: frozenset[str]
    limit_minor: int


@dataclass(frozen=True)
class _Stretch:
    """Amounts of a currency, in minor units, that the same people sign; both ends belong to it."""

    from_minor: int
    to_minor: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class _Hole:
    """Amounts that cannot be signed for, and why; both ends belong to it. `extras` are what brings it about."""

    from_minor: int
    to_minor: int
    kind: Kind
    why: str
    extras: tuple[Extra, ...] = ()


class _Scope(NamedTuple):
    """What a stretch of amounts is in."""

    document: PolicyDocument
    category: str
    currency: str
    signers: list[_Signer]


def may_sign(role: str) -> bool:
    """Tell whether a role exists and carries the right to sign."""
    return SIGNS in ROLES.get(role, frozenset())


def nobody_signs(document: PolicyDocument, team: Team) -> Iterator[Gap]:
    """Name the amounts for which the signatures that a document asks for cannot be had, categories joined."""
    people = list(people_of(team).order_by("pk"))
    load_limits(people)
    found: dict[tuple[Kind, str, str], list[str]] = defaultdict(list)
    for currency in currencies_with_bands(document):
        for category in Category.values:
            scope = _Scope(document, category, currency, _signers(people, team, category, currency))
            for kind, path, sentence in _unsigned(scope):
                found[kind, path, sentence].append(category)
    for (kind, path, sentence), categories in found.items():
        what = listed([f"a {spoken(category)}" for category in categories], "or")
        what = what.replace("a application", "an application")
        yield Gap(kind, Severity.ERROR, path, sentence.replace(WHAT, what))


def _signers(people: Sequence[User], team: Team, category: str, currency: str) -> list[_Signer]:
    signers = []
    for user in people:
        limit = limit_for(user, team_id=team.pk, category=category, currency=currency)
        roles = frozenset(role for role in user.role_names if may_sign(role))
        if limit is not None and roles:
            signers.append(_Signer(str(user), roles, limit.single_minor))
    return signers


def _unsigned(scope: _Scope) -> Iterator[tuple[Kind, str, str]]:
    """Answer kind, path and sentence of every hole: those of the tiers first, then those of extra signatures."""
    stretches = _stretches(scope)
    holes = [hole for stretch in stretches if (hole := _hole(scope, stretch))]
    if scope.document.approval.also:
        holes += _holes_of_extras(scope)
    for hole in _joined(holes):
        is_last = hole.to_minor == stretches[-1].to_minor
        end = "on" if is_last else f"to {amount_words(hole.to_minor, scope.currency)}"
        begin = f"rom {amount_words(hole.from_minor, scope.currency)} {end} {hole.why}."
        if hole.extras:
            conditions = [condition_words(extra.when) for extra in hole.extras]
            conditions = [words[0].lower() + words[1:] for words in conditions]
            yield hole.kind, "approval.also", f"For {listed(conditions)}, f{begin}"
        else:
            yield hole.kind, f"approval.tiers.{scope.currency}", f"F{begin}"


def _stretches(scope: _Scope, cuts: Sequence[int] = ()) -> list[_Stretch]:
    """Cut what people approve where the tiers end, and at `cuts`."""
    bands = scope.document.threshold_for(scope.category, scope.currency)
    if bands is None:
        return []
    lowest, highest = bands.auto_up_to_minor + 1, bands.approve_up_to_minor
    ends = {tier.up_to_minor for tier in scope.document.approval.tiers.get(scope.currency, ())} | {*cuts}
    stretches = []
    for end in [*sorted(end for end in ends if end < highest), highest]:
        if end >= lowest:
            stretches.append(_Stretch(lowest, end, scope.document.steps_for(end, scope.currency)))
            lowest = end + 1
    return stretches


def _holes_of_extras(scope: _Scope) -> Iterator[_Hole]:
    """Find what cannot be signed only because of extra signatures: of each stretch the fewest that bring it about."""
    limits = [extra.when.above_minor.get(scope.currency) for extra in scope.document.approval.also]
    for stretch in _stretches(scope, [minor for minor in limits if minor is not None]):
        plain = _hole(scope, stretch)
        end = stretch.to_minor if plain is None else plain.from_minor - 1
        blamed: list[tuple[Extra, ...]] = []
        for extras in _groups(scope, stretch.to_minor) if end >= stretch.from_minor else ():
            hole = _hole(scope, replace(stretch, to_minor=end, steps=(*stretch.steps, *extras)))
            if hole is not None and not any(all(extra in extras for extra in group) for group in blamed):
                blamed.append(extras)
                yield replace(hole, extras=extras)


def _groups(scope: _Scope, minor: int) -> list[tuple[Extra, ...]]:
    """List which extra signatures some case of an amount brings in together, the smallest groups first."""
    may = [
        extra for extra in scope.document.approval.also if extra.when.may_hold(scope.category, scope.currency, minor)
    ]
    reasons = frozenset({""}).union(*[extra.when.reasons for extra in may]) - scope.document.reasons_blocked
    codes = frozenset({""}).union(*[extra.when.exception_codes for extra in may])
    groups = {
        tuple([place for place, extra in enumerate(may) if extra.when.fits(risk, reason, code)])
        for risk in Risk
        for reason in reasons
        for code in codes
    }
    groups.discard(())
    return [tuple([may[place] for place in group]) for group in sorted(groups, key=lambda group: (len(group), group))]


def _hole(scope: _Scope, stretch: _Stretch) -> _Hole | None:
    """Find the smallest amount of a stretch that too few may sign; above a person's limit there is one fewer."""
    if not all(may_sign(step.role) for step in stretch.steps):
        return None
    edges = {stretch.from_minor, *[signer.limit_minor + 1 for signer in scope.signers]}
    for minor in sorted(edge for edge in edges if stretch.from_minor <= edge <= stretch.to_minor):
        able = [signer for signer in scope.signers if signer.limit_minor >= minor]
        short = _too_few(stretch.steps, able)
        if short:
            return _Hole(minor, stretch.to_minor, *_why(short, scope.signers, minor, scope.currency))
    return None


def _too_few(steps: Sequence[Step], signers: Sequence[_Signer]) -> list[Step]:
    """Name the steps that do not find their people, each signing once; none when all do.

    They do when any group of roles is held by as many people as its steps ask for.
    """
    roles = sorted({step.role for step in steps})
    for group in chain.from_iterable(combinations(roles, size) for size in range(1, len(roles) + 1)):
        asked = [step for step in steps if step.role in group]
        if sum(step.quorum for step in asked) > sum(not signer.roles.isdisjoint(group) for signer in signers):
            return asked
    return []


def _joined(holes: Sequence[_Hole]) -> list[_Hole]:
    """Make one of holes that follow each other for the same reason."""
    joined: list[_Hole] = []
    for hole in holes:
        before = next(
            (
                one
                for one in joined
                if (one.to_minor, one.why, one.extras) == (hole.from_minor - 1, hole.why, hole.extras)
            ),
            None,
        )
        if before is None:
            joined.append(hole)
        else:
            joined[joined.index(before)] = replace(before, to_minor=hole.to_minor)
    return joined


def _why(steps: Sequence[Step], signers: list[_Signer], minor: int, currency: str) -> tuple[Kind, str]:
    roles = listed(sorted({spoken(step.role) for step in steps}), "or")
    holding = [signer for signer in signers if signer.roles & {step.role for step in steps}]
    able = [signer.name for signer in holding if signer.limit_minor >= minor]
    if able:
        needed = sum(step.quorum for step in steps)
        why = f"too few can approve {WHAT}: {needed} people sign ({roles}), and only {listed(able)} may"
        return Kind.TOO_FEW_PEOPLE, why
    best = max(holding, key=lambda signer: signer.limit_minor, default=None)
    if best is None:
        return Kind.NOBODY_MAY_APPROVE, f"nobody can approve {WHAT}: no {roles} of the team has a limit for it"
    most = amount_words(best.limit_minor, currency)
    return Kind.NOBODY_MAY_APPROVE, f"nobody can approve {WHAT}: the highest limit is {most}, of {best.name}"
