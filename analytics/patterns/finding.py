"""All patterns over one look, and what of it is worth telling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .amounts import far_from_the_rest
from .approvers import unlike_their_peers
from .codes import again_and_again
from .customers import serial_refunders
from .drifting import moved
from .facts import refunded_after_dispute, reused_photos
from .limits import just_under
from .pairs import agent_and_customer, always_the_same_two
from .signals import worth_telling
from .splitting import split_under_a_limit
from .stamping import without_a_look
from .weeks import out_of_control

if TYPE_CHECKING:
    from collections.abc import Callable

    from .rows import Observed
    from .signals import Looked, Signal

PATTERNS: tuple[Callable[[Observed], Looked], ...] = (
    unlike_their_peers,
    without_a_look,
    always_the_same_two,
    agent_and_customer,
    far_from_the_rest,
    just_under,
    split_under_a_limit,
    again_and_again,
    moved,
    out_of_control,
    serial_refunders,
    refunded_after_dispute,
    reused_photos,
)


def signals_in(observed: Observed) -> list[Signal]:
    """Find every signal: facts first, then the rest from the least to the most likely to be chance."""
    return worth_telling(pattern(observed) for pattern in PATTERNS)
