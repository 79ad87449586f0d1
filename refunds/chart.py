"""Draw the life of a refund request from its transitions, so that the chart cannot say what the code does not."""

from __future__ import annotations

from typing import Any, cast

from .models import RefundRequest
from .vocabulary import State

ENDS = (State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED, State.RECONCILED)


def mermaid() -> str:
    """Print every transition as a Mermaid state diagram, one arrow for all verbs between the same two states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for verb, source, target in sorted(_transitions(), key=_in_order_of_life):
        arrows.setdefault((source, target), []).append(verb.replace("_", " "))
    lines = ["stateDiagram-v2", f"    [*] --> {State.INTAKE.value}"]
    lines += [f"    {source} --> {target}: {', '.join(verbs)}" for (source, target), verbs in arrows.items()]
    lines += [f"    {state.value} --> [*]" for state in ENDS]
    return "\n".join(lines)


def _transitions() -> list[tuple[str, str, str]]:
    field = cast("Any", RefundRequest._meta.get_field("state"))  # noqa: SLF001 - Django's own name for it
    found = []
    for transition in field.get_all_transitions(RefundRequest):
        targets = getattr(transition.target, "allowed_states", None) or [transition.target]
        found += [(transition.name, str(transition.source), str(target)) for target in targets]
    return found


def _in_order_of_life(arrow: tuple[str, str, str]) -> tuple[int, int, str]:
    order = [state.value for state in State]
    verb, source, target = arrow
    return order.index(source), order.index(target), verb
