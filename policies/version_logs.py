"""The artifact of a publication: everything a later reader would ask, in one body with one fingerprint."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING, Any

import rfc8785

from approvals.vocabulary import Category
from config.kernel.people import User

from .engine.describe import describe
from .engine.difference import difference
from .engine.document import parse_document
from .engine.matrix import common_amounts_minor, threshold_outcome
from .models import VersionLog
from .proving import proof_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .engine.document import PolicyDocument
    from .models import PolicyVersion


def write_log(version: PolicyVersion, replaced: PolicyVersion | None, at: datetime) -> VersionLog:
    """Keep what a version that has just come into force says of itself and changes. Call it in that transaction."""
    body = _body(version, replaced)
    sha256 = hashlib.sha256(canonical(body)).hexdigest()
    return VersionLog.objects.create(version=version, body=body, sha256=sha256, written_at=at)


def canonical(body: Mapping[str, Any]) -> bytes:
    """Print a body as RFC 8785 JSON: the exact bytes that are fingerprinted and downloaded."""
    return bytes(rfc8785.dumps(dict(body)))


def _body(version: PolicyVersion, replaced: PolicyVersion | None) -> dict[str, Any]:
    document = parse_document(version.document)
    old = None if replaced is None else parse_document(replaced.document)
    names = {user.pk: user.username for user in User.objects.filter(pk__in=version.writer_ids)}
    return {
        "policy": version.policy.slug,
        "version": version.number,
        "document_sha256": hashlib.sha256(canonical(version.document)).hexdigest(),
        "what": version.what,
        "why": version.why,
        "impact": version.impact,
        "risk_rationale": version.risk_rationale,
        "change_category": version.change_category,
        "author": version.author.username,
        "writers": [names[pk] for pk in version.writer_ids],
        "second_person": _username(version.second_person),
        "published_by": _username(version.published_by),
        "scheduled_for": _moment(version.publish_at),
        "in_force_from": _moment(version.published_at),
        "replaces": None if replaced is None else replaced.number,
        "changes": _changes(document, old),
        "cells": _cells(document, old),
        "proof": [gap.to_json() for gap in proof_of(version)],
        "backtests": _backtests(version),
    }


def _changes(document: PolicyDocument, old: PolicyDocument | None) -> list[dict[str, str]]:
    if old is None:
        return [{"before": "", "after": sentence} for sentence in describe(document)]
    return [{"before": change.before, "after": change.after} for change in difference(old, document)]


def _cells(document: PolicyDocument, old: PolicyDocument | None) -> list[dict[str, Any]]:
    """List every threshold outcome that is another than before, at each limit and the minor unit above it."""
    documents = [document] if old is None else [document, old]
    currencies = sorted({code for one in documents for bands in one.thresholds.values() for code in bands})
    cells = []
    for currency in currencies:
        amounts = sorted({amount for one in documents for amount in common_amounts_minor(one, currency)})
        for category in Category.values:
            for amount in amounts:
                before = None if old is None else str(threshold_outcome(old, category, currency, amount))
                after = str(threshold_outcome(document, category, currency, amount))
                if before != after:
                    where = {"currency": currency, "category": category, "amount_minor": amount}
                    cells.append({**where, "before": before, "after": after})
    return cells


def _backtests(version: PolicyVersion) -> list[dict[str, Any]]:
    """List the finished trials of exactly this document."""
    tried = version.backtests.filter(result__isnull=False, document=version.document).order_by("created_at", "pk")
    return [
        {
            "id": str(trial.pk),
            "from": _moment(trial.from_at),
            "until": _moment(trial.until_at),
            "result": trial.result,
        }
        for trial in tried
    ]


def _username(user: User | None) -> str | None:
    return None if user is None else user.username


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
