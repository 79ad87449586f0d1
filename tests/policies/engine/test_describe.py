"""A document in sentences says all of it: no value changes without its words."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from policies.engine.amounts import amount_words
from policies.engine.describe import describe
from policies.engine.document import MalformedDocument, PolicyDocument, document_json, parse_document
from policies.engine.words import Reason
from policies.templates import TypedTemplate, typed_templates
from tests.policies.engine.builders import document, documents, restocking_document

if TYPE_CHECKING:
    from collections.abc import Iterator

OF_THE_FORM = {"schema_version"}
"""What is no rule: both schemas judge alike."""

NEVER_OF_AN_AGENT = "most_share_basis_points"
THE_FIRST_STANDS_ALONE = "0", "is_parallel"
"""The first signature of a tier cannot be together with one before it."""

OTHER_WORDS: dict[str, list[Any]] = {
    "open_dispute": ["exception", "block"],
    "per": ["customer", "charge", "agent"],
    "outcome": ["require_approval", "exception", "block"],
    "window_days": [7, 90],
    "customer_days": [1, 365, None],
    "agent_days": [1, 365, None],
    "role": ["approver", "finance"],
    "is_parallel": [True, False],
    "escalates_to": ["finance", None],
    "opens": ["00:01", "05:00"],
    "closes": ["23:59", "22:22"],
}


class TestDescribe:
    """A document in sentences."""

    @pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)
    def test_changes_with_every_single_value(self, template: TypedTemplate) -> None:
        said, silent, seen = describe(template.parsed), [], 0
        for path, changed in _altered(document_json(template.parsed)):
            seen += 1
            if describe(changed) == said:
                silent.append(path)
        assert seen > 60
        assert silent == []

    @given(documents)
    def test_mentions_every_limit(self, policy: PolicyDocument) -> None:
        text = "\n".join(describe(policy))
        for limit in _limits(policy):
            assert limit in text

    def test_says_the_restocking_share(self) -> None:
        said = describe(restocking_document())
        assert "Restocking, for “changed mind”: 15 % of opened goods stays with the shop." in said

    def test_says_who_signs(self) -> None:
        signers = "one approver within 8 hours, then 2 signatures of finance within 12 hours"
        assert f"Approval up to GBP 2,000.00: {signers}." in describe(document())

    @pytest.mark.parametrize(
        ("auto_minor", "most_minor", "words"),
        [
            (0, 100, "nothing automatic, up to GBP 1.00 with approval, blocked above"),
            (100, 100, "up to GBP 1.00 automatic, blocked above"),
            (0, 0, "nothing automatic, everything blocked"),
        ],
    )
    def test_says_empty_bands_plainly(self, auto_minor: int, most_minor: int, words: str) -> None:
        bands = {"auto_up_to_minor": auto_minor, "approve_up_to_minor": most_minor}
        said = describe(document(thresholds={"payout": {"GBP": bands}}))
        assert f"Payout in GBP: {words}." in said


def _limits(policy: PolicyDocument) -> list[str]:
    bands = [(band, code) for by_currency in policy.thresholds.values() for code, band in by_currency.items()]
    windows = policy.return_windows
    days = [windows.default_days, *windows.days_by_product_category.values(), *windows.days_by_reason.values()]
    return [
        *[amount_words(band.auto_up_to_minor, code) for band, code in bands if band.auto_up_to_minor],
        *[amount_words(band.approve_up_to_minor, code) for band, code in bands],
        *[f"{count} day" for count in days if count is not None],
        *[amount_words(tier.up_to_minor, code) for code, tiers in policy.approval.tiers.items() for tier in tiers],
        *[amount_words(limit, code) for need in policy.evidence.values() for code, limit in need.above_minor.items()],
        *[code for codes in policy.exception_codes.values() for code in codes],
    ]


def _altered(raw: dict[str, Any]) -> Iterator[tuple[str, PolicyDocument]]:
    """List every valid document that differs from `raw` in one leaf; a set loses, wins or swaps one word."""
    original = parse_document(raw)
    for path, value in _leaves(raw):
        if path[-1] in OF_THE_FORM:
            continue
        parsed = [_parsed(_with(raw, path, other)) for other in _others(path, value)]
        valid = [changed for changed in parsed if changed is not None and changed != original]
        is_fixed = path[-1] == NEVER_OF_AN_AGENT or tuple(map(str, path[-2:])) == THE_FIRST_STANDS_ALONE
        assert valid or is_fixed, f"No change of {path} is a document, so nothing is proved."
        yield from ((".".join(map(str, path)), changed) for changed in valid)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))
    else:
        yield path, value  # a set of words counts as one leaf


def _others(path: tuple[Any, ...], value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1] if path[-1] not in OTHER_WORDS else _words_instead(path, value)
        case str():
            return _words_instead(path, value)
        case None:
            return _words_instead(path, value) if path[-1] in OTHER_WORDS else [_something_for(path)]
        case list() if value or path[-1] not in _SOMETHING:
            return [[*value, extra] for extra in _members(path)] + [value[1:]]
        case _:
            return [_something_for(path)]


def _words_instead(path: tuple[Any, ...], value: Any) -> list[Any]:
    if path[-2:-1] == ("legal_basis_by_reason",):
        return [word for word in ("goodwill", "recall") if word != value]
    return [word for word in OTHER_WORDS[path[-1]] if word != value]


_MEMBERS: dict[str, list[Any]] = {
    "weekdays": list(range(1, 8)),
    "closed_on": ["2030-05-01"],
    "product_categories": ["antiques"],
    "kinds": ["photo", "receipt"],
    "risks": ["low", "medium"],
    "categories": ["dispute"],
    "exception_codes": ["NEW_CODE"],
    "accepted": ["worn", "missing"],
    "accepted_by_reason": ["worn", "missing"],
}


def _members(path: tuple[Any, ...]) -> list[Any]:
    """Name words that the list at this path may hold, some of them there already."""
    found = [words for name, words in _MEMBERS.items() if name in path]
    return found[0] if found else [str(Reason.LATE_DELIVERY), str(Reason.SERVICE_OUTAGE)]


_SOMETHING: dict[str, Any] = {
    "default_days": 17,
    "days_by_reason": {"late_delivery": 17},
    "days_by_product_category": {"antiques": 17},
    "days_by_legal_basis": {"recall": {"default_days": 17}},
    "legal_basis_by_reason": {"late_delivery": "recall"},
    "accepted_by_reason": {"late_delivery": ["worn"]},
    "restocking_basis_points": {"worn": 17},
    "most_count": 17,
    "most_minor": {"USD": 17},
    "most_share_basis_points": 17,
    "auto_up_to_minor": {"USD": 17},
    "above_minor": {"USD": 17},
    "release_above_minor": {"USD": 17},
    "out_of": 7,
    "also": [{"role": "manager", "sla_hours": 17, "when": {"risks": ["high"]}}],
    "tenure": {"minimum_days": 17},
    "business_hours": {"spans": [{"weekdays": [1], "opens": "09:00", "closes": "10:00"}]},
    "dispute_deadline_hours": 17,
    "velocity": [{"per": "agent", "window_days": 7, "most_count": 17}],
}


def _something_for(path: tuple[Any, ...]) -> Any:
    return _SOMETHING.get(path[-1], 17)


def _with(raw: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(raw)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def _parsed(raw: dict[str, Any]) -> PolicyDocument | None:
    try:
        parsed = parse_document(raw)
    except MalformedDocument:
        return None
    return parsed
