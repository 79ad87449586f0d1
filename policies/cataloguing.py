"""The life of a standard code: written down, put to use, retired, merged into another. Records keep what they carry."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import inside, said
from evidence import ledger

from .catalogue import EXCEPTIONS, REASONS
from .code_faults import code_faults
from .models import CODE_MODELS, ExceptionCode, ReasonCode
from .vocabulary import CodeKind, CodeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

    from .catalogue import CodeEntry
    from .models import AnyCode


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWords:
    """What a code says of itself; everything but its word, its state and its successor."""

    label: str
    leakage_class: str
    owner: str
    playbook: str
    sla_hours: int
    hint: str = ""
    when_to_use: str = ""
    when_not_to_use: str = ""
    evidence_kinds: tuple[str, ...] = ()
    most_share_basis_points: int | None = None


WORDS = tuple(field.name for field in fields(CodeWords))


@transaction.atomic
def save_code(*, kind: CodeKind, code: str, words: CodeWords, actor: User, at: datetime) -> AnyCode:
    """Write a new code down as a draft, or change what a known one says. Saving never activates.

    :raises NotPermitted: without the right to add, or to change
    :raises Refused: naming every faulty field; without owner or playbook always
    :raises OutOfDate: when it was merged into another meanwhile
    """
    model = CODE_MODELS[kind]
    found = model.objects.select_for_update(of=("self",)).filter(pk=code).first()
    check_right(actor, "add" if found is None else "change", kind)
    faults = code_faults(kind, code, asdict(words))
    if faults:
        raise Refused.of(faults)
    kept = {**asdict(words), "evidence_kinds": sorted(words.evidence_kinds)}
    if found is None:
        new = model(code=code, **kept)
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:
            raise OutOfDate(
                "out_of_date", said("Somebody added {code} at the same moment. Load it again.", code=code)
            ) from None
        _record(new, "drafted", actor, at, f"drafted the {_called(kind)} {code}.", {"after": kept})
        return new
    if found.state == CodeState.MERGED:
        raise OutOfDate(
            "out_of_date",
            said("{code} was merged into {into} and stays as it is.", code=code, into=found.merged_into_id),
        )
    before = {name: value for name in WORDS if (value := getattr(found, name)) != kept[name]}
    if not before:
        return found
    for name in before:
        setattr(found, name, kept[name])
    found.save(update_fields=list(before))
    changes = {"before": before, "after": {name: kept[name] for name in before}}
    named = ", ".join(name.replace("_", " ") for name in before)
    _record(found, "changed", actor, at, f"changed the {_called(kind)} {code}: {named}.", changes)
    return found


@transaction.atomic(durable=True)
def activate(*, kind: CodeKind, code: str, actor: User, at: datetime) -> AnyCode:
    """Offer a draft, or again a retired code, for new use.

    :raises OutOfDate: from any other state
    """
    found = _locked_for(kind, code, "activate", actor)
    before = found.state
    found.activate(actor=actor, at=at)
    found.save(update_fields=["state", "retired_at"])
    _record(found, "activated", actor, at, f"put {code} to use.", {"before": before, "after": found.state})
    return found


@transaction.atomic(durable=True)
def retire(*, kind: CodeKind, code: str, actor: User, at: datetime) -> AnyCode:
    """Offer a code no more; whatever carries it stays readable.

    :raises OutOfDate: when it is out of use already
    """
    found = _locked_for(kind, code, "retire", actor)
    before = found.state
    found.retire(actor=actor, at=at)
    found.save(update_fields=["state", "retired_at"])
    _record(found, "retired", actor, at, f"retired {code}.", {"before": before, "after": found.state})
    return found


@transaction.atomic(durable=True)
def merge_into(*, kind: CodeKind, code: str, into: str, actor: User, at: datetime) -> AnyCode:
    """Let another code be used in place of this one, from now on.

    :raises Refused: unless the other is another one, and active
    :raises OutOfDate: when this one was merged already
    """
    check_right(actor, "change", kind)
    # Both under their locks, in the order of their words: the heir may not retire while it inherits.
    locked = {
        row.code: row
        for row in CODE_MODELS[kind].objects.select_for_update(of=("self",)).filter(pk__in=[code, into]).order_by("pk")
    }
    found, heir = _standing(locked.get(code), code, "merge"), locked.get(into)
    if code == into:
        raise Refused("refused", said("A code cannot be merged into itself."), "into")
    if heir is None:
        raise Refused("refused", said("There is no code “{into}” here.", into=into), "into")
    if heir.state != CodeState.ACTIVE:
        stands = inside(CodeState(heir.state).label)
        raise Refused(
            "refused", said("{into} is {stands}; choose a code that is active.", into=into, stands=stands), "into"
        )
    before = found.state
    found.merge(into=heir, actor=actor, at=at)
    found.save(update_fields=["state", "merged_into", "retired_at"])
    told = {"before": before, "after": found.state, "into": into}
    _record(found, "merged", actor, at, f"merged {code} into {into}.", told)
    _record(heir, "took_over", actor, at, f"let {into} take over from {code}.", {"from": code})
    return found


@transaction.atomic
def write_catalogue() -> int:
    """Add every standard code that is not there, active; codes that people edited stay. Answers how many there are."""
    ReasonCode.objects.bulk_create([ReasonCode(**_columns(entry)) for entry in REASONS], ignore_conflicts=True)
    ExceptionCode.objects.bulk_create([ExceptionCode(**_columns(entry)) for entry in EXCEPTIONS], ignore_conflicts=True)
    return len(REASONS) + len(EXCEPTIONS)


def subject_of(kind: CodeKind, code: str) -> Subject:
    """Name a code as the ledger knows it."""
    return Subject(kind.value, uuid5(NAMESPACE_OID, f"{kind.value}:{code}"))


def check_right(actor: User, verb: str, kind: CodeKind) -> None:
    """Ask for a right on one of the catalogues.

    :raises NotPermitted: naming it
    """
    permission = f"policies.{verb}_{kind.value.replace('_', '')}"
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))


def may_move(code: AnyCode, verb: str) -> bool:
    """Tell whether a code stands where this verb begins."""
    return bool(getattr(type(code), verb)._django_fsm.has_transition(code.state))  # noqa: SLF001 - fsm has no public door


def check_stands(code: AnyCode, verb: str) -> None:
    """Ask whether a verb begins where a code stands.

    :raises OutOfDate: saying where it stands instead
    """
    if not may_move(code, verb):
        raise OutOfDate(
            "out_of_date",
            said("{code} is {stands} by now.", code=code.code, stands=inside(CodeState(code.state).label)),
        )


def _locked_for(kind: CodeKind, code: str, verb: str, actor: User) -> AnyCode:
    check_right(actor, "change", kind)
    return _standing(CODE_MODELS[kind].objects.select_for_update(of=("self",)).filter(pk=code).first(), code, verb)


def _standing(found: AnyCode | None, code: str, verb: str) -> AnyCode:
    if found is None:
        raise Refused("refused", said("There is no code “{code}” here.", code=code), "code")
    check_stands(found, verb)
    return found


def _columns(entry: CodeEntry) -> dict[str, Any]:
    shown = {"hint": entry.hint or entry.when_to_use[:240], "evidence_kinds": sorted(entry.evidence_kinds)}
    return {**entry._asdict(), **shown, "state": CodeState.ACTIVE}


def _called(kind: CodeKind) -> str:
    return CodeKind(kind).label.lower()


def _record(code: AnyCode, word: str, actor: User, at: datetime, sentence: str, data: Mapping[str, object]) -> None:
    ledger.record(
        subject=subject_of(code.kind, code.code),
        kind=f"{code.kind.value}.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"code": code.code, **data},
    )
