"""Open routes and steps say what they say now: which roles are waited for, since when, and when people are reminded."""

from typing import Any

from django.db import migrations
from django.db.migrations.state import StateApps


def fill(apps: StateApps, _editor: Any) -> None:
    """Repeat on each open route the role of its open step, as there was one at a time."""
    route, step = apps.get_model("approvals", "ApprovalRoute"), apps.get_model("approvals", "ApprovalStep")
    for opened in step.objects.filter(state="open").select_related("route").iterator():
        opened.opened_at = opened.route.opened_at
        opened.remind_at = opened.due_at
        opened.save(update_fields=["opened_at", "remind_at"])
        route.objects.filter(pk=opened.route_id).update(open_roles=[opened.role])


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_authority_and_routing")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
