"""Give every reason an owner and a playbook, and every code its state; what people wrote stays.

Since when a switched-off code is retired nobody wrote down, so that stays unsaid.
"""

from django.db import migrations

from policies.catalogue import REASONS

OWNER = "Quality"
PLAYBOOK = "Read each use and write down here what to do."
MOST_SHARE_OF_OTHER_BASIS_POINTS = 500


def fill(apps, schema_editor):
    standard = {str(entry.code): entry for entry in REASONS}
    reasons = apps.get_model("policies", "ReasonCode").objects
    for reason in reasons.filter(owner=""):
        entry = standard.get(reason.code)
        reason.owner = entry.owner if entry else OWNER
        reason.playbook = entry.playbook if entry else PLAYBOOK
        if entry:
            reason.sla_hours = entry.sla_hours
            reason.when_to_use = entry.when_to_use
            reason.when_not_to_use = entry.when_not_to_use
            reason.evidence_kinds = sorted(str(kind) for kind in entry.evidence_kinds)
        reason.save(
            update_fields=["owner", "playbook", "sla_hours", "when_to_use", "when_not_to_use", "evidence_kinds"]
        )
    # These CHECKs used to let blanks through.
    exceptions = apps.get_model("policies", "ExceptionCode").objects
    exceptions.exclude(owner__regex=r"\S").update(owner=OWNER)
    exceptions.exclude(playbook__regex=r"\S").update(playbook=PLAYBOOK)
    for codes, other in ((reasons, "other"), (exceptions, "OTHER")):
        codes.filter(is_active=True).update(state="active")
        codes.filter(is_active=False).update(state="retired")
        codes.filter(pk=other).update(most_share_basis_points=MOST_SHARE_OF_OTHER_BASIS_POINTS)


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0005_let_codes_live'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
