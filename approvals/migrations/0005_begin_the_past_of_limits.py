"""Limits that are there begin their past today: what they were before was not kept."""

from django.db import migrations

BEGIN = """
INSERT INTO approvals_authoritylimitevent
    (pgh_created_at, pgh_label, id, user_id, role, team_id, category, currency, single_minor, daily_minor)
SELECT now(), 'insert', id, user_id, role, team_id, category, currency, single_minor, daily_minor
  FROM approvals_authoritylimit
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0004_limits_need_two_people")]
    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
