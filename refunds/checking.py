"""Ask what would become of a request without filing it: the same commands, and then nothing of it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from evidence.vocabulary import DecisionPoint

from . import balances, intake, judgement, lifecycle
from .asking_limits import check_may_ask
from .crediting import take_down
from .evidence_map.gates import missing_at
from .freezes import refuse_filing_while_frozen
from .plans import plan_before_submitting

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.money import Money
    from config.kernel.people import User

    from .crediting import CreditDraft
    from .intake import Draft
    from .judgement import Judged
    from .plans import ShownPlan


@dataclass(frozen=True, slots=True)
class Checked:
    """What the policy would say of an amount, what would be missing, and who would sign."""

    amount: Money
    judged: Judged
    evidence_missing: list[str]
    plan: ShownPlan | None


def check_draft(*, draft: Draft | CreditDraft, actor: User, at: datetime) -> Checked:
    """Judge a draft as if it was filed at this moment; nothing is kept, reserved or told.

    :raises NotPermitted: `not_permitted`, `frozen` or `over_authority`, as filing it would
    :raises Refused: with every reason that filing it would be refused for
    """
    with transaction.atomic(durable=True):
        refund_request = take_down(draft=draft, actor=actor, at=at)
        lifecycle.hold_new(refund_request)
        refuse_filing_while_frozen(refund_request, actor=actor)
        intake.refuse_duplicate(refund_request)
        check_may_ask(actor=actor, amount=refund_request.amount, at=at)
        judged = judgement.judge_request(refund_request, at=at)
        missing = [one.artifact.value for one in missing_at(DecisionPoint.REQUEST, refund_request)]
        plan = plan_before_submitting(refund_request, judged, at=at)
        balances.check_and_reserve(refund_request)
        transaction.set_rollback(True)
    wanted = list(dict.fromkeys([*judged.evidence_missing, *missing]))
    return Checked(refund_request.amount, judged, wanted, plan)
