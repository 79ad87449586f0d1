"""Whoever handed in a colleague's request is involved in it: kept beside the routes, no longer looked up in the ledger."""

from typing import Any

from django.db import migrations
from django.db.migrations.state import StateApps


def fill(apps: StateApps, _editor: Any) -> None:
    """Read from the ledger who submitted what somebody else entered."""
    entry = apps.get_model("evidence", "LedgerEntry")
    involvement = apps.get_model("approvals", "Involvement")
    requested_by = dict(apps.get_model("refunds", "RefundRequest").objects.values_list("pk", "requested_by"))
    handed_in = entry.objects.filter(kind="refund_request.submitted", actor__isnull=False)
    for subject_id, actor_id, at in handed_in.values_list("subject_id", "actor", "at").iterator():
        if requested_by.get(subject_id, actor_id) != actor_id:
            involvement.objects.get_or_create(
                subject_kind="refund_request",
                subject_id=subject_id,
                person_id=actor_id,
                part="submitter",
                defaults={"since": at},
            )


class Migration(migrations.Migration):
    dependencies = [
        ("refunds", "0006_find_what_an_agent_submitted"),
        ("approvals", "0003_fill_what_is_open"),
        ("evidence", "0001_initial"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
