"""Any document and any facts, shared by every test that says "whatever the policy, whatever the case".

Limits and amounts come from one short list, so that a random case often stands right at a limit, one minor unit above
or below it. Words come from the closed lists, with a stranger among them now and then.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from policies.engine.conduct import WINDOWS_DAYS
from policies.engine.document import PolicyDocument, parse_document
from policies.engine.facts import LineFact, Recent, RefundFacts
from policies.engine.parts import DEFAULT, EXCEPTABLE
from policies.engine.words import Category, Condition, EvidenceKind, LegalBasis, Per, Reason, Risk

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

CURRENCIES: Final = ("GBP", "JPY", "KWD")
"""Of two, no and three decimals."""

PRODUCTS: Final = ("home", "food", "gift_card")
CODES: Final = ("OTHER", "WINDOW_EXPIRED", "GOODWILL_RETENTION")
ROLES: Final = ("approver", "finance", "director")
LIMITS_MINOR: Final = (0, 1, 1_000, 1_001, 5_000, 20_000, 50_000, 500_000)
DAYS: Final = (0, 1, 14, 30, 365)
CLOSED_ON: Final = "2026-12-25"

_words = {
    name: st.sampled_from([str(word) for word in words])
    for name, words in {
        "category": Category,
        "reason": Reason,
        "condition": Condition,
        "basis": LegalBasis,
        "evidence": EvidenceKind,
        "per": Per,
    }.items()
}
_currency, _product = st.sampled_from(CURRENCIES), st.sampled_from(PRODUCTS)
_limit, _days, _window = st.sampled_from(LIMITS_MINOR), st.sampled_from(DAYS), st.sampled_from(WINDOWS_DAYS)
_share = st.sampled_from([0, 1, 1_500, 3_333, 10_000])
_limits = st.dictionaries(_currency, _limit, max_size=3)


_USUAL_OF_TEN: Final = 9


def _mostly(usual: SearchStrategy[Any], *others: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Let the mild case be the usual one: where everything is blocked, the milder rules are never seen deciding."""
    return st.integers(0, 9).flatmap(lambda roll: usual if roll < _USUAL_OF_TEN else st.one_of(*others))


def _some(words: SearchStrategy[str], most: int = 3, least: int = 0) -> SearchStrategy[list[str]]:
    return st.lists(words, min_size=least, max_size=most, unique=True)


@st.composite
def _bands(draw: st.DrawFn) -> dict[str, int]:
    lower, upper = sorted([draw(_limit), draw(_mostly(st.sampled_from(LIMITS_MINOR[-2:]), _limit))])
    return {"auto_up_to_minor": lower, "approve_up_to_minor": upper}


_thresholds = st.builds(
    lambda default, others: {DEFAULT: default} | others,
    st.dictionaries(_currency, _bands(), min_size=1, max_size=3),
    st.dictionaries(_words["category"], st.dictionaries(_currency, _bands(), max_size=2), max_size=3),
)

_maybe_days = st.none() | _days
_product_days = st.dictionaries(_product, _maybe_days, max_size=3)
_basis_window = st.fixed_dictionaries({"default_days": _maybe_days, "days_by_product_category": _product_days})


@st.composite
def _return_windows(draw: st.DrawFn) -> dict[str, Any]:
    by_basis = draw(st.dictionaries(_words["basis"], _basis_window, max_size=3))
    basis_of = draw(st.dictionaries(_words["reason"], _words["basis"], max_size=5))
    by_reason = draw(st.dictionaries(_words["reason"], _maybe_days, max_size=3))
    return {
        **draw(_basis_window),
        "days_by_legal_basis": by_basis,
        "legal_basis_by_reason": basis_of,
        # A reason whose legal basis has a window cannot have one of its own.
        "days_by_reason": {reason: days for reason, days in by_reason.items() if basis_of.get(reason) not in by_basis},
    }


_conditions = st.fixed_dictionaries(
    {
        "accepted": _some(_words["condition"], 5),
        "accepted_by_reason": st.dictionaries(_words["reason"], _some(_words["condition"], 5), max_size=3),
        "restocking_basis_points": st.dictionaries(_words["condition"], _share, max_size=3),
        "restocking_reasons": _some(_words["reason"], 6),
    }
)

_evidence = st.dictionaries(
    _words["reason"],
    st.fixed_dictionaries(
        {
            "kinds": _some(_words["evidence"], 3, 1),
            "above_minor": st.dictionaries(_currency, _limit, min_size=1, max_size=3),
        }
    ),
    max_size=4,
)


@st.composite
def _step(draw: st.DrawFn) -> dict[str, Any]:
    quorum = draw(st.integers(1, 3))
    return {
        "role": draw(st.sampled_from(ROLES)),
        "quorum": quorum,
        "sla_hours": draw(st.integers(1, 48)),
        "out_of": draw(st.none() | st.integers(quorum, 4)),
        "is_parallel": draw(st.booleans()),
    }


@st.composite
def _steps_of_a_tier(draw: st.DrawFn) -> list[dict[str, Any]]:
    first, *others = draw(st.lists(_step(), min_size=1, max_size=3))
    return [first | {"is_parallel": False}, *others]


_steps = _steps_of_a_tier()


@st.composite
def extras(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a signature that some cases need."""
    when = {
        "risks": draw(_some(st.sampled_from([str(risk) for risk in Risk]), 2)),
        "reasons": draw(st.just([]) | _some(_words["reason"], 4)),
        "exception_codes": draw(st.just([]) | _some(st.sampled_from(CODES), 2)),
        "categories": draw(st.just([]) | st.just(["refund", "payout"])),
        "above_minor": draw(st.just({}) | _limits),
    }
    if not any(when.values()):
        when["risks"] = ["high"]
    return {**draw(_step()), "when": when}


@st.composite
def _ladder(draw: st.DrawFn) -> list[dict[str, Any]]:
    limits = draw(st.lists(_limit, max_size=3, unique=True))
    return [{"up_to_minor": limit, "steps": draw(_steps)} for limit in sorted(limits)]


_approval = st.fixed_dictionaries(
    {
        "tiers": st.dictionaries(_currency, _ladder(), max_size=3),
        "otherwise": _steps,
        "also": st.just([]) | st.lists(extras(), max_size=3),
    }
)

_maybe_window = st.none() | _window
_sums = st.fixed_dictionaries(
    {"same_charge": st.booleans(), "customer_days": _maybe_window, "agent_days": _maybe_window}
)


@st.composite
def _velocity_limit(draw: st.DrawFn) -> dict[str, Any]:
    per = draw(_words["per"])
    share = None if per == Per.AGENT else draw(st.none() | _share)
    most_minor, most_count = draw(_limits), draw(st.none() | st.integers(0, 4))
    if share is None and most_count is None and not most_minor:
        most_count = 2
    return {
        "per": per,
        "window_days": draw(_window),
        "most_count": most_count,
        "most_minor": most_minor,
        "most_share_basis_points": share,
        "outcome": draw(st.sampled_from(["require_approval", "exception", "block"])),
    }


_velocity: SearchStrategy[Any] = st.just([]) | st.lists(
    _velocity_limit(), max_size=4, unique_by=lambda limit: (limit["per"], limit["window_days"], limit["outcome"])
)
_tenure = st.none() | st.fixed_dictionaries({"minimum_days": st.sampled_from([1, 30, 90]), "auto_up_to_minor": _limits})
_business_hours = st.none() | st.fixed_dictionaries(
    {
        "spans": st.sampled_from(
            [
                [{"weekdays": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "17:30"}],
                [
                    {"weekdays": [1, 3], "opens": "00:00", "closes": "24:00"},
                    {"weekdays": [5], "opens": "09:00", "closes": "12:00"},
                    {"weekdays": [5], "opens": "13:00", "closes": "18:00"},
                ],
            ]
        ),
        "closed_on": st.sampled_from([[], [CLOSED_ON]]),
        "auto_up_to_minor": _limits,
    }
)


@st.composite
def documents(draw: st.DrawFn) -> PolicyDocument:
    """Draw any document that can be published."""
    return parse_document(
        {
            "schema_version": 2,
            "thresholds": draw(_thresholds),
            "return_windows": draw(_return_windows()),
            "conditions": draw(_conditions),
            "exclusions": {
                "excludes_final_sale": draw(st.booleans()),
                "product_categories": draw(_some(_product, 2)),
            },
            "reasons_always_escalated": draw(_some(_words["reason"])),
            "reasons_blocked": draw(_some(_words["reason"], 1)),
            "open_dispute": draw(st.sampled_from(["exception", "block"])),
            "evidence": draw(_evidence),
            "approval": draw(_approval),
            "exception_codes": draw(
                st.dictionaries(st.sampled_from([str(rule) for rule in EXCEPTABLE]), _some(st.sampled_from(CODES)))
            ),
            "sums": draw(_sums),
            "velocity": draw(_velocity),
            "tenure": draw(_tenure),
            "business_hours": draw(_business_hours),
            "dispute_deadline_hours": draw(st.none() | st.sampled_from([1, 48])),
        }
    )


amounts_minor: Final = st.one_of(
    _limit.flatmap(lambda limit: st.integers(max(limit - 1, 0), limit + 1)), st.integers(0, 1_000_000)
)
"""Right at a limit as often as anywhere."""

_lines = st.lists(
    st.builds(
        LineFact,
        line=st.integers(1, 9).map(str),
        product_category=st.sampled_from(["", *PRODUCTS, "unheard_of"]),
        condition=st.just("") | _words["condition"],
        final_sale=st.sampled_from([False, False, False, True]),
        quantity=st.integers(1, 5),
        amount_minor=amounts_minor,
    ),
    max_size=3,
).map(tuple)


@st.composite
def _recent(draw: st.DrawFn) -> tuple[Recent, ...]:
    windows = draw(
        st.lists(st.tuples(_words["per"], _window), max_size=6, unique=True)
        | st.just([(str(per), days) for per in Per for days in WINDOWS_DAYS])
    )
    return tuple(
        Recent(per, days, draw(st.integers(0, 3)), draw(_limit), draw(st.none() | _limit)) for per, days in windows
    )


def facts(**fixed: SearchStrategy[Any]) -> SearchStrategy[RefundFacts]:
    """Draw any facts an outflow can have; `fixed` replaces the strategy of a field."""
    anything: dict[str, SearchStrategy[Any]] = {
        "category": _mostly(st.just(str(Category.REFUND)), _words["category"]),
        "amount_minor": _mostly(st.integers(0, 2_000), amounts_minor),
        "currency": _mostly(_currency, st.just("CHF")),
        "reason": _words["reason"] | st.just("scheduled"),
        "method": st.sampled_from(["original", "store_credit", "bank_transfer"]),
        "lines": _lines,
        "shipping_minor": st.sampled_from([0, 0, 1, 499]),
        "days_since_delivery": st.none() | _days.flatmap(lambda limit: st.integers(max(limit - 1, 0), limit + 1)),
        "is_delivered": st.booleans(),
        "counted_from_on": st.none() | st.integers(0, 700).map(lambda days: date(2025, 1, 1) + timedelta(days=days)),
        "evidence_kinds": st.frozensets(_words["evidence"], max_size=3),
        "payment_is_found": _mostly(st.just(True), st.just(False)),
        "refundable_minor": _mostly(st.just(10**9), st.none(), amounts_minor),
        "customer_tenure_days": st.none() | st.sampled_from([0, 1, 29, 30, 89, 90, 400]),
        "exception_code": st.just("") | st.sampled_from(CODES),
        "dispute_is_open": _mostly(st.just(False), st.just(True)),
        "dispute_due_in_hours": st.none() | st.sampled_from([-3, 0, 1, 2, 47, 48, 49]),
        "legal_basis": st.just("") | _words["basis"],
        "charge_minor": st.just(0) | _limit,
        "recent": _recent(),
        "asked_weekday": st.none() | st.integers(1, 7),
        "asked_minute": st.none() | st.sampled_from([0, 539, 540, 719, 720, 1049, 1050, 1439]),
        "photo_reuse": _mostly(st.just(""), st.sampled_from(["exact", "likely", "possible"])),
        "asked_on": st.none() | st.sampled_from([date.fromisoformat(CLOSED_ON), date(2026, 11, 20)]),
    }
    return st.builds(RefundFacts, **anything | fixed)
