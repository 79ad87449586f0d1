"""Write the standard codes to the database, where people choose and edit them."""

from __future__ import annotations

from django.db import transaction

from .catalogue import EXCEPTIONS, REASONS
from .models import ExceptionCode, ReasonCode


@transaction.atomic
def write_catalogue() -> int:
    """Add every standard code that is not there; codes that people edited stay. Answers how many there are."""
    ReasonCode.objects.bulk_create(
        [
            ReasonCode(code=entry.code, label=entry.label, hint=entry.hint, leakage_class=entry.leakage_class)
            for entry in REASONS
        ],
        ignore_conflicts=True,
    )
    ExceptionCode.objects.bulk_create(
        [
            ExceptionCode(
                code=entry.code,
                label=entry.label,
                hint=entry.when_to_use[:240],
                leakage_class=entry.leakage_class,
                owner=entry.owner,
                playbook=entry.playbook,
                sla_hours=entry.sla_hours,
                when_to_use=entry.when_to_use,
                when_not_to_use=entry.when_not_to_use,
                evidence_kinds=list(entry.evidence_kinds),
            )
            for entry in EXCEPTIONS
        ],
        ignore_conflicts=True,
    )
    return len(REASONS) + len(EXCEPTIONS)
