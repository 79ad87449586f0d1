"""Opening items: by rule where a code is red or frequent, by hand where somebody saw something."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction

from analytics.machines import CLOCK
from analytics.models import RemediationItem
from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence import ledger
from policies.models import CODE_MODELS
from policies.vocabulary import CodeKind, CodeState, LeakageClass

from .measuring import Use, colour_of, is_frequent, looked_back
from .permissions import OPENS
from .rules import rule_of
from .saying import found_by_rule, words_in
from .vocabulary import STANDING, Colour

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.models import RemediationRule
    from config.kernel.people import Actor, User
    from policies.models import AnyCode

NOT_OURS: Final = (LeakageClass.UNAVOIDABLE, LeakageClass.STATUTORY)
"""Codes that no work of ours would make rarer; the rule opens nothing for them, a person may."""


@transaction.atomic
def open_item(*, kind: str, code: str, why: str, actor: User, at: datetime) -> RemediationItem:
    """Open an item for a code by hand.

    :raises NotPermitted: without the right, or to a service account
    :raises Refused: `unknown_code`, `note_missing`, or `already_open` while another item of the code stands
    """
    check_right(actor, OPENS)
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("Remediation is done by people."))
    written = words_in(why, field="why", missing=said("Say what you saw."))
    found = CODE_MODELS[CodeKind(kind)].objects.filter(pk=code).first() if kind in CodeKind.values else None
    if found is None:
        raise Refused("unknown_code", said("There is no such code."), "code")
    rule = rule_of(kind)
    use = looked_back(rule, at=at).get(found.code, Use())
    return open_for(found, rule, use, finding=written, actor=actor, by=actor, at=at)


def open_by_rule(*, at: datetime) -> int:
    """Count every code anew; note it on the items that stand and open those the rule asks for. Answers how many."""
    opened = 0
    for kind in (CodeKind.EXCEPTION, CodeKind.REASON):
        rule = rule_of(kind)
        uses = looked_back(rule, at=at)
        _note_counts(kind, rule, uses, at)
        standing = set(
            RemediationItem.objects.filter(code_kind=kind, state__in=STANDING).values_list("code", flat=True)
        )
        wanted = [
            code for code, use in uses.items() if code not in standing and _asks_for_an_item(use, rule)
        ]  # fmt: skip
        codes = CODE_MODELS[kind].objects.filter(pk__in=wanted, state=CodeState.ACTIVE)
        for code in codes.exclude(leakage_class__in=NOT_OURS).order_by("pk"):
            opened += _open_quietly(code, rule, uses[code.code], at)
    return opened


def _asks_for_an_item(use: Use, rule: RemediationRule) -> bool:
    return is_frequent(use, rule) or colour_of(use, rule) == Colour.RED


def _open_quietly(code: AnyCode, rule: RemediationRule, use: Use, at: datetime) -> int:
    """Open one item in a transaction of its own; somebody who was faster is no fault."""
    try:
        with transaction.atomic():
            open_for(code, rule, use, finding=found_by_rule(use, rule), actor=CLOCK, by=None, at=at)
    except Refused:
        return 0
    return 1


def open_for(
    code: AnyCode, rule: RemediationRule, use: Use, *, finding: str, actor: Actor, by: User | None, at: datetime
) -> RemediationItem:
    """Open the item of a code within the caller's transaction; `by` is None where a rule asked for it.

    :raises Refused: `already_open` while another item of the code stands
    """
    hours = max(code.sla_hours, rule.least_days * 24)
    item = RemediationItem(
        code_kind=code.kind,
        code=code.code,
        label=code.label,
        owner_team=code.owner,
        playbook=code.playbook,
        finding=finding,
        opened_at=at,
        opened_by=by,
        promise_hours=hours,
        due_at=at + timedelta(hours=hours),
        colour=colour_of(use, rule),
        use_count=use.count,
        request_count=use.of,
        cost=dict(use.leaked),
        counted_at=at,
    )
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError as fault:
        if "one_open_item_per_code" not in str(fault):
            raise
        raise Refused("already_open", said("An item of {code} is open already.", code=code.code), "code") from fault
    ledger.record(
        subject=item.subject,
        kind="remediation_item.opened",
        actor=actor,
        at=at,
        sentence=f"opened a remediation item for {code.code}, which {code.owner} answers for.",
        data={
            "code_kind": str(code.kind),
            "code": code.code,
            "by_rule": by is None,
            "colour": str(item.colour),
            "use_count": use.count,
            "request_count": use.of,
            "leaked": dict(use.leaked),
            "due_at": item.due_at.isoformat(),
        },
    )
    return item


def _note_counts(kind: str, rule: RemediationRule, uses: dict[str, Use], at: datetime) -> None:
    whole = next((use.of for use in uses.values()), 0)
    for item in RemediationItem.objects.filter(code_kind=kind, state__in=STANDING).order_by("pk"):
        use = uses.get(item.code, Use(of=whole))
        RemediationItem.objects.filter(pk=item.pk).update(
            colour=colour_of(use, rule),
            use_count=use.count,
            request_count=use.of,
            cost=dict(use.leaked),
            counted_at=at,
        )
