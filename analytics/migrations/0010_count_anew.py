"""Throw away what was counted without the new columns: the ledger is followed from its first entry again."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0009_captured_money'),
    ]

    operations = [
        migrations.RunSQL(
            sql=[
                f"SELECT pg_advisory_xact_lock({0x1EA4A6E})",
                "DELETE FROM analytics_outflowcell",
                "DELETE FROM analytics_outflowfact",
                "DELETE FROM analytics_rollupmark",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
