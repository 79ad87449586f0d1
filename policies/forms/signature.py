"""The questions about one signature, the same for a tier's and for an extra one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms

from config.kernel.wording import said
from policies.engine.amounts import spoken

from .fields import number_input, pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policies.engine.signatures import Step

    from .chapter import Chapter

ASKED: Final = ("role", "quorum", "out_of", "sla_hours", "escalates_to", "is_parallel")
COLUMNS: Final = (said("Role"), said("People"), said("Out of"), said("Hours"), said("When late"), said("Order"))
TOGETHER: Final = "together"
_ORDER: Final = {"": said("after the one before"), TOGETHER: said("together with it")}


def roles_named(roles: Iterable[str], steps: Iterable[Step]) -> dict[str, str]:
    """Offer the roles that may sign, and those the document names already."""
    named = [name for step in steps for name in (step.role, step.escalates_to) if name]
    return {"": "", **{role: spoken(role) for role in sorted({*roles, *named})}}


def ask_signature(chapter: Chapter, name: str, head: str, roles: Mapping[str, str], step: Step | None) -> list[str]:
    """Ask who signs, as `name.role` and so on; answers the names in the order of `COLUMNS`."""
    for asked, words in (("quorum", "people"), ("out_of", "out of how many"), ("sla_hours", "hours")):
        label = f"{head}: {words}"
        initial = getattr(step, asked) if step is not None else None
        chapter.add(
            f"{name}.{asked}",
            forms.IntegerField(label=label, required=False, initial=initial, widget=number_input(label)),
        )
    late = (step.escalates_to if step is not None else None) or ""
    order = TOGETHER if step is not None and step.is_parallel else ""
    chapter.add(
        f"{name}.role",
        pick(roles, label=said("{head}: role", head=head), initial=step.role if step is not None else ""),
    )
    chapter.add(f"{name}.escalates_to", pick(roles, label=said("{head}: when late", head=head), initial=late))
    chapter.add(f"{name}.is_parallel", pick(_ORDER, label=said("{head}: order", head=head), initial=order))
    return [f"{name}.{asked}" for asked in ASKED]


def mistakes_in_signature(answers: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Name what a row that was begun leaves out."""
    if not answers.get(f"{name}.role"):
        yield f"{name}.role", said("Name who signs.")
    if answers.get(f"{name}.sla_hours") is None:
        yield f"{name}.sla_hours", said("Enter within how many hours.")


def signature_of(answers: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Write what was answered as a step of the document."""
    step = {asked: answers.get(f"{name}.{asked}") for asked in ASKED}
    step["is_parallel"] = step["is_parallel"] == TOGETHER
    return {asked: answer for asked, answer in step.items() if answer not in {None, ""}}
