"""Add the days of every dimension up to their month, where nobody counts meanwhile."""

from django.db import migrations

SUMMED = (
    'count refunded_minor override_minor ungoverned_minor over_minor double_loss_minor late_failure_minor fees_minor'
    ' goodwill_minor leaking_count touch_free_count reviewed_count unchanged_count waited_seconds'
    ' evidence_asked_count evidence_held_count'
).split()

# The lock is that of whoever counts.
ADD_UP = f"""
    SELECT pg_advisory_xact_lock({0x1EA4A6E});
    INSERT INTO analytics_outflowcell (basis, "on", team_id, currency, dimension, value, {', '.join(SUMMED)})
    SELECT basis, date_trunc('month', "on")::date, team_id, currency, 'month.' || dimension, value,
        {', '.join(f'sum({column})::bigint' for column in SUMMED)}
    FROM analytics_outflowcell
    WHERE dimension NOT LIKE 'step.%' AND dimension NOT LIKE 'month.%' AND dimension <> 'amount'
    GROUP BY basis, date_trunc('month', "on")::date, team_id, currency, dimension, value
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0007_kept_patterns'),
    ]

    operations = [
        migrations.RunSQL(ADD_UP, "DELETE FROM analytics_outflowcell WHERE dimension LIKE 'month.%'"),
    ]
