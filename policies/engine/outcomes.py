"""The outcome alone, for whoever tries many facts on one document: no findings, no sentences, the worst asked first.

`judge` is what decides; this is proved equal to it for any document and any facts, and is never kept as a decision. The
explanation tries its changes on it.
"""

from __future__ import annotations

from sys import maxsize
from typing import TYPE_CHECKING, Final

from policies.engine.judgement import judge
from policies.engine.rules import TO_CUSTOMERS, goods_minor, restocking_share_minor
from policies.engine.words import SEVERITY, Category, Outcome, Per

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts

NO_LIMIT: Final = maxsize
_Velocity = tuple[int, int, int | None, int]
"""At most so many, so much and such a share, and how severe it is above."""
_BY_RANK: Final = tuple(Outcome)
_ALLOW, _ASK, _REFER, _BLOCK = range(len(_BY_RANK))


class Outcomes:
    """Judges facts by one document; what it says to a category, currency and reason is read once."""

    def __init__(self, document: PolicyDocument) -> None:
        """Sort what is asked of every case."""
        self.document = document
        self.dispute = SEVERITY[document.open_dispute]
        sums = document.sums
        windows = ((str(Per.CUSTOMER), sums.customer_days), (str(Per.AGENT), sums.agent_days))
        self.sums = {window for window in windows if window[1] is not None}
        self.adds_charge = sums.same_charge
        self._sayings: dict[tuple[str, str, str], _Saying] = {}

    def of(self, facts: RefundFacts) -> Outcome:
        """Answer what `judge` would."""
        key = (facts.category, facts.currency, facts.reason)
        said = self._sayings.get(key)
        if said is None:
            said = self._sayings[key] = _Saying(self.document, *key)
        total = facts.amount_minor + self._earlier_minor(facts)
        worst = _ASK if total > said.auto_minor and said.worst == _ALLOW else said.worst
        if total > said.most_minor or worst == _BLOCK:
            return Outcome.BLOCK
        if said.is_to_customer and facts.dispute_is_open and self.dispute > worst:
            worst = self.dispute
        if said.is_refund:
            if facts.payment_is_found and (
                facts.refundable_minor is None or facts.amount_minor > facts.refundable_minor
            ):
                return Outcome.BLOCK
            if worst < _REFER and self._is_referred(facts, said):
                worst = _REFER
        # What cannot make it worse any more is not asked.
        if said.most_severe_velocity > worst and facts.recent:
            worst = max(worst, self._by_velocity(facts, said))
        if worst == _ALLOW and self._is_asked(facts, said, total):
            worst = _ASK
        if worst == _REFER and facts.exception_code:
            return judge(self.document, facts).outcome
        return _BY_RANK[worst]

    def _earlier_minor(self, facts: RefundFacts) -> int:
        found = facts.charge_minor if self.adds_charge else 0
        if self.sums:
            for recent in facts.recent:
                if recent.minor > found and (recent.per, recent.window_days) in self.sums:
                    found = recent.minor
        return found

    def _by_velocity(self, facts: RefundFacts, said: _Saying) -> int:
        worst, amount_minor = _ALLOW, facts.amount_minor
        for recent in facts.recent:
            for most_count, most_minor, share, severity in said.velocity.get((recent.per, recent.window_days), ()):
                if severity <= worst:
                    continue
                minor = recent.minor + amount_minor
                is_above = recent.count >= most_count or minor > most_minor
                if not is_above and share is not None and recent.bought_minor is not None:
                    is_above = minor > recent.bought_minor * share // 10_000
                if is_above:
                    worst = severity
        return worst

    def _is_referred(self, facts: RefundFacts, said: _Saying) -> bool:
        """Tell whether one of the rules about goods wants a reviewer."""
        if not facts.payment_is_found:
            return True
        for line in facts.lines:
            if (
                (line.final_sale and said.minds_final_sale)
                or (line.condition and line.condition not in said.accepted)
                or line.product_category in said.excluded
            ):
                return True
        limit, days = said.days, facts.days_since_delivery
        if facts.legal_basis or (said.days_vary and facts.lines):
            products = [line.product_category for line in facts.lines]
            limit = self.document.window_days(facts.reason, products, facts.legal_basis)
        return limit is not None and (days is None or days > limit)

    def _is_asked(self, facts: RefundFacts, said: _Saying, total: int) -> bool:
        """Tell whether one of the rules that want a person does."""
        on_charge = facts.amount_minor + (facts.charge_minor if self.adds_charge else 0)
        return (
            self._is_urgent(facts)
            or (total > said.tenure_minor and self._is_new(facts))
            or (total > said.hours_minor and self._is_closed(facts))
            or (on_charge > said.evidence_above_minor and not said.evidence <= facts.evidence_kinds)
            or (said.is_refund and self._is_contested(facts, said))
        )

    def _is_urgent(self, facts: RefundFacts) -> bool:
        due, limit = facts.dispute_due_in_hours, self.document.dispute_deadline_hours
        return due is not None and limit is not None and due <= limit

    def _is_new(self, facts: RefundFacts) -> bool:
        tenure, days = self.document.tenure, facts.customer_tenure_days
        return tenure is not None and (days is None or days < tenure.minimum_days)

    def _is_closed(self, facts: RefundFacts) -> bool:
        hours, day = self.document.business_hours, facts.asked_on
        weekday, minute = facts.asked_weekday, facts.asked_minute
        if hours is None or weekday is None or minute is None or day is None:
            return False
        return not hours.are_open(weekday, minute, day.isoformat())

    def _is_contested(self, facts: RefundFacts, said: _Saying) -> bool:
        """Tell whether a claim is to be checked, or a share of the goods would stay with the shop."""
        if facts.legal_basis and facts.legal_basis != said.usual_basis:
            return True
        kept = restocking_share_minor(self.document, facts) if said.may_keep else 0
        return kept > 0 and facts.amount_minor > goods_minor(facts) - kept


class _Saying:
    """What a document says to one category, currency and reason; `NO_LIMIT` where it says nothing."""

    def __init__(self, document: PolicyDocument, category: str, currency: str, reason: str) -> None:
        """Read every chapter once."""
        bands = document.threshold_for(category, currency)
        is_asked = bands is None or reason in document.reasons_always_escalated
        self.worst = _BLOCK if reason in document.reasons_blocked else _ASK if is_asked else _ALLOW
        self.auto_minor = NO_LIMIT if bands is None else bands.auto_up_to_minor
        self.most_minor = NO_LIMIT if bands is None else bands.approve_up_to_minor
        self.is_refund = category == Category.REFUND
        self.is_to_customer = category in TO_CUSTOMERS
        tenure, hours = document.tenure, document.business_hours
        self.tenure_minor = NO_LIMIT if tenure is None else tenure.auto_up_to_minor.get(currency, 0)
        self.hours_minor = NO_LIMIT if hours is None else hours.auto_up_to_minor.get(currency, 0)
        demand = document.evidence.get(reason) if self.is_to_customer else None
        self.evidence = demand.kinds if demand else frozenset[str]()
        self.evidence_above_minor = demand.above_minor.get(currency, NO_LIMIT) if demand else NO_LIMIT
        self.velocity: dict[tuple[str, int], list[_Velocity]] = {}
        for limit in document.velocity:
            most_count = NO_LIMIT if limit.most_count is None else limit.most_count
            most_minor = limit.most_minor.get(currency, NO_LIMIT)
            counted = (most_count, most_minor, limit.most_share_basis_points, SEVERITY[limit.outcome])
            self.velocity.setdefault((limit.per, limit.window_days), []).append(counted)
        self.most_severe_velocity = max([SEVERITY[limit.outcome] for limit in document.velocity], default=_ALLOW)
        self.accepted = document.accepted_conditions(reason)
        self.excluded = document.exclusions.product_categories
        self.minds_final_sale = document.exclusions.excludes_final_sale
        self.may_keep = reason in document.conditions.restocking_reasons
        self.usual_basis = document.legal_basis(reason, "")
        self.days = document.window_days(reason, ())
        windows = document.return_windows
        by_basis = windows.days_by_legal_basis.get(self.usual_basis, windows)
        self.days_vary = bool(by_basis.days_by_product_category) and reason not in windows.days_by_reason
