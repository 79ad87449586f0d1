"""Prove a version: what its document leaves open, and what nobody of its team could sign or grant.

The first part is the engine's; the second reads roles, limits and codes as they stand now, so it is asked anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import TYPE_CHECKING

from approvals.authority import limit_for, load_limits
from approvals.roles import ROLES
from config.kernel.people import people_of

from .engine.amounts import amount_words, listed, spoken
from .engine.coverage import currencies_with_bands, prove
from .engine.document import parse_document
from .engine.gaps import Gap, Kind, Severity, worst_first
from .models import ExceptionCode
from .vocabulary import Category, CodeState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.kernel.people import Team, User

    from .engine.document import PolicyDocument
    from .engine.signatures import Step
    from .models import PolicyVersion

SIGNS = "approvals.decide_approvalstep"
WHAT = "{what}"
"""Where a sentence names its categories, which are joined when they share it."""


def proof_of(version: PolicyVersion) -> tuple[Gap, ...]:
    """List what is open in a version, worst first, from its document and from the people of its team."""
    return proof_for(parse_document(version.document), version.policy.team)


def proof_for(document: PolicyDocument, team: Team) -> tuple[Gap, ...]:
    """List what is open in a document that a team would go by."""
    found = prove(document, currencies=[team.currency])
    return worst_first([*found, *_roles(document), *_nobody(document, team), *_codes(document)])


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
    """Amounts that cannot be signed for, and why; both ends belong to it."""

    from_minor: int
    to_minor: int
    kind: Kind
    why: str


def may_sign(role: str) -> bool:
    """Tell whether a role exists and carries the right to sign."""
    return SIGNS in ROLES.get(role, frozenset())


def _roles(document: PolicyDocument) -> Iterator[Gap]:
    places = [("approval.otherwise", document.approval.otherwise)]
    for currency, ladder in sorted(document.approval.tiers.items()):
        places += [(f"approval.tiers.{currency}.{level}.steps", tier.steps) for level, tier in enumerate(ladder)]
    seen = set()
    for path, steps in places:
        for place, step in enumerate(steps):
            for asked, role in (("role", step.role), ("escalates_to", step.escalates_to)):
                if role is None or role in seen or may_sign(role):
                    continue
                seen.add(role)
                kind = Kind.ROLE_MAY_NOT_SIGN if role in ROLES else Kind.ROLE_UNKNOWN
                why = "may not sign" if role in ROLES else "is no role that anybody can hold"
                sentence = f"“{spoken(role).capitalize()}” {why}: a request that waits for it waits for ever."
                yield Gap(kind, Severity.ERROR, f"{path}.{place}.{asked}", sentence)


def _nobody(document: PolicyDocument, team: Team) -> Iterator[Gap]:
    people = list(people_of(team).order_by("pk"))
    load_limits(people)
    found: dict[tuple[Kind, str, str], list[str]] = defaultdict(list)
    for currency in currencies_with_bands(document):
        for category in Category.values:
            signers = _signers(people, team, category, currency)
            for kind, sentence in _unsigned(document, category, currency, signers):
                found[kind, currency, sentence].append(category)
    for (kind, currency, sentence), categories in found.items():
        what = listed([f"a {spoken(category)}" for category in categories], "or")
        what = what.replace("a application", "an application")
        yield Gap(kind, Severity.ERROR, f"approval.tiers.{currency}", sentence.replace(WHAT, what))


def _signers(people: Sequence[User], team: Team, category: str, currency: str) -> list[_Signer]:
    signers = []
    for user in people:
        limit = limit_for(user, team_id=team.pk, category=category, currency=currency)
        roles = frozenset(role for role in user.role_names if may_sign(role))
        if limit is not None and roles:
            signers.append(_Signer(str(user), roles, limit.single_minor))
    return signers


def _unsigned(
    document: PolicyDocument, category: str, currency: str, signers: list[_Signer]
) -> Iterator[tuple[Kind, str]]:
    """Name the amounts for which the signatures a document asks for cannot be had."""
    holes: list[_Hole] = []
    stretches = _stretches(document, category, currency)
    for stretch in stretches:
        first = _first_unsigned(stretch, signers) if all(may_sign(step.role) for step in stretch.steps) else None
        if first is None:
            continue
        hole = _Hole(first, stretch.to_minor, *_why(stretch.steps, signers, first, currency))
        if holes and holes[-1].to_minor == first - 1 and holes[-1].why == hole.why:
            hole = replace(hole, from_minor=holes.pop().from_minor)
        holes.append(hole)
    for hole in holes:
        is_last = hole.to_minor == stretches[-1].to_minor
        end = "on" if is_last else f"to {amount_words(hole.to_minor, currency)}"
        yield hole.kind, f"From {amount_words(hole.from_minor, currency)} {end} {hole.why}."


def _stretches(document: PolicyDocument, category: str, currency: str) -> list[_Stretch]:
    bands = document.threshold_for(category, currency)
    if bands is None:
        return []
    lowest, highest = bands.auto_up_to_minor + 1, bands.approve_up_to_minor
    ends = [tier.up_to_minor for tier in document.approval.tiers.get(currency, ()) if tier.up_to_minor < highest]
    stretches = []
    for end in [*ends, highest]:
        if end >= lowest:
            stretches.append(_Stretch(lowest, end, document.steps_for(end, currency)))
            lowest = end + 1
    return stretches


def _first_unsigned(stretch: _Stretch, signers: list[_Signer]) -> int | None:
    """Find the smallest amount of a stretch that too few may sign; above a person's limit there is one fewer."""
    edges = {stretch.from_minor, *[signer.limit_minor + 1 for signer in signers]}
    for minor in sorted(edge for edge in edges if stretch.from_minor <= edge <= stretch.to_minor):
        if not _can_sign(stretch.steps, [signer for signer in signers if signer.limit_minor >= minor]):
            return minor
    return None


def _can_sign(steps: Sequence[Step], signers: Sequence[_Signer]) -> bool:
    """Tell whether every step finds its people, each signing once: any group of steps has as many as it asks for."""
    groups = chain.from_iterable(combinations(steps, size) for size in range(1, len(steps) + 1))
    return all(
        sum(step.quorum for step in group)
        <= sum(bool(signer.roles & {step.role for step in group}) for signer in signers)
        for group in groups
    )


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


def _codes(document: PolicyDocument) -> Iterator[Gap]:
    places: dict[str, list[str]] = defaultdict(list)
    for rule, codes in sorted(document.exception_codes.items()):
        for code in sorted(codes):
            places[code].append(rule)
    known = ExceptionCode.objects.in_bulk(list(places))
    for code, rules in places.items():
        row, path = known.get(code), f"exception_codes.{rules[0]}.{code}"
        if row is None:
            sentence = f"{code} is in no catalogue, so nobody can grant it."
            yield Gap(Kind.CODE_UNKNOWN, Severity.WARNING, path, sentence)
        elif row.state == CodeState.MERGED:
            sentence = f"{code} was merged into {row.merged_into_id}, which is granted in its place."
            yield Gap(Kind.CODE_NOT_IN_USE, Severity.NOTE, path, sentence)
        elif row.state != CodeState.ACTIVE:
            state = CodeState(row.state).label.lower()
            sentence = f"{code} is {'a draft' if state == 'draft' else state}, so nobody can grant it."
            yield Gap(Kind.CODE_NOT_IN_USE, Severity.WARNING, path, sentence)
