"""Count whoever changed a draft among its writers, for drafts from before writers were kept."""

from django.db import migrations

FILL = """
UPDATE policies_policyversion AS version
SET writer_ids = version.writer_ids || ARRAY(
    SELECT DISTINCT entry.actor_id FROM evidence_ledgerentry AS entry
    WHERE entry.subject_kind = 'policy_version' AND entry.subject_id = version.id
      AND entry.kind = 'policy.changed' AND entry.actor_id IS NOT NULL
      AND NOT entry.actor_id = ANY (version.writer_ids)
    ORDER BY entry.actor_id)
WHERE version.state IN ('draft', 'in_review')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0020_let_no_writer_review'),
        ('evidence', '0001_initial'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
