"""Coverage: does a document say something about everything it should, and does all it says matter.

Only the document is read; who could sign in real life is asked in `policies.proving`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.amounts import amount_words, listed, spoken
from policies.engine.gaps import Gap, Kind, Severity, worst_first
from policies.engine.parts import DEFAULT, EXCEPTABLE
from policies.engine.shadows import can_fail, shadows
from policies.engine.signature_words import people_words, signature_words
from policies.engine.words import Category, Reason, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.engine.document import PolicyDocument


def prove(document: PolicyDocument, *, currencies: Iterable[str] = ()) -> tuple[Gap, ...]:
    """List gaps, contradictions and rules that change nothing, worst first; `currencies` are others in use."""
    return worst_first(
        [
            *_whole(document),
            *_currencies(document, frozenset(currencies)),
            *_bands(document),
            *_signatures(document),
            *_extras(document),
            *_evidence(document),
            *_codes(document),
            *_limits(document),
            *shadows(document),
        ]
    )


def currencies_with_bands(document: PolicyDocument) -> list[str]:
    """Name the currencies in which some category has bands."""
    return sorted({code for bands in document.thresholds.values() for code in bands})


def _whole(document: PolicyDocument) -> Iterator[Gap]:
    bands = [bands for by_currency in document.thresholds.values() for bands in by_currency.values()]
    if all(band.approve_up_to_minor == 0 for band in bands):
        sentence = "Every category is closed: the bands let no amount leave."
        yield Gap(Kind.EVERYTHING_IS_BLOCKED, Severity.ERROR, "thresholds", sentence)
    if document.reasons_blocked == frozenset(Reason):
        yield Gap(Kind.EVERYTHING_IS_BLOCKED, Severity.ERROR, "reasons_blocked", "Every reason is blocked.")
    elif document.reasons_blocked | document.reasons_always_escalated == frozenset(Reason):
        sentence = "Every reason is blocked or goes to a person, so no amount is automatic."
        yield Gap(Kind.NOTHING_IS_AUTOMATIC, Severity.WARNING, "reasons_always_escalated", sentence)


def _currencies(document: PolicyDocument, in_use: frozenset[str]) -> Iterator[Gap]:
    named = {
        "the approval ladder": document.approval.tiers,
        "an extra signature": {code for extra in document.approval.also for code in extra.when.above_minor},
        "a demand for evidence": {code for demand in document.evidence.values() for code in demand.above_minor},
        "a limit over time": {code for limit in document.velocity for code in limit.most_minor},
        "the rule for new customers": document.tenure.auto_up_to_minor if document.tenure else (),
        "the rule about business hours": document.business_hours.auto_up_to_minor if document.business_hours else (),
        "a sign of risk": document.risk.large_above_minor,
        "the team": in_use,
    }
    with_bands = frozenset(currencies_with_bands(document))
    for code in sorted({code for codes in named.values() for code in codes} - with_bands):
        by = [words for words, codes in named.items() if code in codes]
        who = listed(by)
        verb = "goes by" if len(by) == 1 else "go by"
        sentence = f"{who[0].upper()}{who[1:]} {verb} {code}, which has no bands: a person decides at any amount."
        yield Gap(Kind.CURRENCY_WITHOUT_BANDS, Severity.WARNING, "thresholds", sentence)


def _bands(document: PolicyDocument) -> Iterator[Gap]:
    default = document.thresholds.get(DEFAULT, {})
    for code in currencies_with_bands(document):
        bare = [category for category in Category if document.threshold_for(category, code) is None]
        if bare:
            words = listed([spoken(category) for category in bare])
            sentence = f"In {code} nothing covers {words}: a person decides at any amount, and none is blocked."
            yield Gap(Kind.CATEGORY_WITHOUT_BANDS, Severity.WARNING, f"thresholds.{DEFAULT}", sentence)
        alike = [category for category in Category if code not in document.thresholds.get(category, {})]
        if code in default and alike:
            words = listed([spoken(category) for category in alike])
            sentence = f"In {code} only the bands of all other categories cover {words}."
            yield Gap(Kind.CATEGORY_BY_DEFAULT, Severity.NOTE, f"thresholds.{DEFAULT}.{code}", sentence)
    for key, by_currency in sorted(document.thresholds.items()):
        for code, band in sorted(by_currency.items()):
            path, who = f"thresholds.{key}.{code}", "Every other category" if key == DEFAULT else spoken(key)
            if band.approve_up_to_minor == 0:
                sentence = f"{who[0].upper()}{who[1:]} is closed in {code}: every amount is blocked."
                yield Gap(Kind.CATEGORY_CLOSED, Severity.NOTE, path, sentence)
            elif band.approve_up_to_minor == band.auto_up_to_minor:
                most = amount_words(band.auto_up_to_minor, code)
                sentence = f"{who[0].upper()}{who[1:]}: up to {most} is automatic and all above blocked, none approved."
                yield Gap(Kind.NOTHING_TO_APPROVE, Severity.NOTE, path, sentence)


def _signatures(document: PolicyDocument) -> Iterator[Gap]:
    last_resort = signature_words(document.approval.otherwise)
    for code in currencies_with_bands(document):
        most = max(bands[code].approve_up_to_minor for bands in document.thresholds.values() if code in bands)
        ladder = document.approval.tiers.get(code, ())
        words = amount_words(most, code)
        if not ladder and most:
            sentence = f"No tier is in {code}: up to {words} the last resort signs, {last_resort}."
            yield Gap(Kind.CURRENCY_WITHOUT_TIERS, Severity.NOTE, f"approval.tiers.{code}", sentence)
        elif ladder and ladder[-1].up_to_minor < most:
            end = amount_words(ladder[-1].up_to_minor, code)
            sentence = f"The tiers end at {end}; from there to {words} the last resort signs, {last_resort}."
            yield Gap(Kind.TIERS_END_EARLY, Severity.NOTE, f"approval.tiers.{code}", sentence)


def _extras(document: PolicyDocument) -> Iterator[Gap]:
    offered = frozenset[str]().union(*document.exception_codes.values())
    with_bands = frozenset(currencies_with_bands(document))
    for place, extra in enumerate(document.approval.also):
        when, path = extra.when, f"approval.also.{place}.when"
        silent = sorted(with_bands - when.above_minor.keys()) if when.above_minor else []
        if silent:
            asked = listed(sorted(when.above_minor))
            sentence = (
                f"{people_words(extra.role, extra.quorum, extra.out_of).capitalize()} signs besides in {asked}, but"
                f" never in {listed(silent)}, where amounts can be approved too."
            )
            yield Gap(Kind.EXTRA_IN_SOME_CURRENCIES, Severity.WARNING, f"{path}.above_minor", sentence)
        for code in sorted(when.exception_codes - offered):
            sentence = f"No rule lets a reviewer grant {code}, so it never brings an extra signature in."
            yield Gap(Kind.EXTRA_CODE_NEVER_GRANTED, Severity.WARNING, f"{path}.exception_codes", sentence)


def _evidence(document: PolicyDocument) -> Iterator[Gap]:
    automatic = {
        code for bands in document.thresholds.values() for code, band in bands.items() if band.auto_up_to_minor
    }
    for reason, demand in sorted(document.evidence.items()):
        silent = sorted(automatic - demand.above_minor.keys())
        if silent:
            asked = listed(sorted(demand.above_minor))
            sentence = (
                f"For “{spoken(reason)}” evidence is asked for in {asked}, but not in {listed(silent)}, where amounts"
                " are automatic too."
            )
            yield Gap(Kind.EVIDENCE_IN_SOME_CURRENCIES, Severity.WARNING, f"evidence.{reason}.above_minor", sentence)


def _codes(document: PolicyDocument) -> Iterator[Gap]:
    for rule in EXCEPTABLE:
        if rule != Rule.OPEN_DISPUTE and can_fail(document, rule) and not document.exception_codes.get(rule):
            sentence = f"No code sets the rule “{spoken(rule)}” aside, so a reviewer can only decline."
            yield Gap(Kind.RULE_WITHOUT_CODES, Severity.NOTE, f"exception_codes.{rule}", sentence)


def _limits(document: PolicyDocument) -> Iterator[Gap]:
    for place, limit in enumerate(document.velocity):
        if limit.most_count == 0:
            sentence = f"A limit of no request per {limit.per}: already the first one is above it."
            yield Gap(Kind.LIMIT_OF_NOTHING, Severity.WARNING, f"velocity.{place}", sentence)
