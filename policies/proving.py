"""Prove a version: what its document leaves open, and what nobody of its team could sign or grant.

The first part is the engine's; the second reads roles, limits and codes as they stand now, so it is asked anew.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from approvals.roles import ROLES

from .engine.amounts import spoken
from .engine.coverage import prove
from .engine.document import parse_document
from .engine.gaps import Gap, Kind, Severity, worst_first
from .models import ExceptionCode
from .signers import may_sign, nobody_signs
from .vocabulary import CodeState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import Team

    from .engine.document import PolicyDocument
    from .engine.signatures import Step
    from .models import PolicyVersion


def proof_of(version: PolicyVersion) -> tuple[Gap, ...]:
    """List what is open in a version, worst first, from its document and from the people of its team."""
    return proof_for(parse_document(version.document), version.policy.team)


def proof_for(document: PolicyDocument, team: Team) -> tuple[Gap, ...]:
    """List what is open in a document that a team would go by."""
    found = prove(document, currencies=[team.currency])
    return worst_first([*found, *_roles(document), *nobody_signs(document, team), *_codes(document)])


def _roles(document: PolicyDocument) -> Iterator[Gap]:
    places: list[tuple[str, tuple[Step, ...]]] = [("approval.otherwise", document.approval.otherwise)]
    for currency, ladder in sorted(document.approval.tiers.items()):
        places += [(f"approval.tiers.{currency}.{level}.steps", tier.steps) for level, tier in enumerate(ladder)]
    places.append(("approval.also", document.approval.also))
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
