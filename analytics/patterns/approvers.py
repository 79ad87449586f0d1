"""Approvers whose share of approvals or of overrides is not what their requests let expect."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analytics.statistics.case_mix import Case
from config.kernel.wording import said

from .bands import band_of
from .kinds import APPROVERS
from .peers import peers
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .peers import Peer
    from .rows import Observed, Signed
    from .signals import Looked


def approval_cases(observed: Observed) -> list[Case]:
    """Each decision with its team, amount band and code; a hit is an approval."""
    return [Case(one.approver_id, _stratum(one, with_exception=True), one.is_approval) for one in observed.decisions]


def override_cases(observed: Observed) -> list[Case]:
    """Each approval; a hit is more than the policy allowed. An exception code is part of that, so it is no stratum."""
    return [
        Case(one.approver_id, _stratum(one, with_exception=False), one.request.is_override)
        for one in observed.decisions
        if one.is_approval
    ]


MEASURES: dict[str, tuple[str, Callable[[Observed], list[Case]]]] = {
    "approved": ("approved", approval_cases),
    "overridden": ("granted more than the policy allowed on", override_cases),
}


def unlike_their_peers(observed: Observed) -> Looked:
    """Look at both shares of every approver with enough decisions."""
    by_person: dict[int, list[Signed]] = defaultdict(list)
    for one in observed.decisions:
        by_person[one.approver_id].append(one)
    found = []
    for name, (verb, cases) in MEASURES.items():
        found += [_signal(name, verb, peer, by_person[peer.who]) for peer in peers(cases(observed))]
    return looked(found)


def _signal(name: str, verb: str, peer: Peer, hers: Sequence[Signed]) -> Signal:
    tally = peer.tally
    rows = [one.request.id for one in hers if (one.is_approval if name == "approved" else one.request.is_override)]
    return Signal(
        kind=APPROVERS,
        key=f"{name}-{peer.who}",
        sentence=f"{{0}} {verb} {tally.count} of {tally.of} requests; her mix lets expect {tally.expected:.1f}.",
        numbers=(
            (said("Share"), share(tally.share)),
            (said("Expected of her mix"), share(tally.expected_share)),
            (said("Limits widened by"), f"{peer.spread:.2f}"),
        ),
        rows=tuple(rows),
        people=(peer.who,),
        p_value=peer.chance_out,
    )


def _stratum(one: Signed, *, with_exception: bool) -> tuple[object, ...]:
    request = one.request
    code = request.exception_code if with_exception and request.exception_code else request.reason
    return request.team_id, request.currency, band_of(request.amount_minor), code
