"""People, roles and teams that are there begin their past today: what they were before was not kept."""

from django.db import migrations

PEOPLE = """
INSERT INTO kernel_personevent
    (pgh_created_at, pgh_label, id, username, first_name, last_name, is_active, is_superuser, is_service_account)
SELECT now(), 'insert', id, username, first_name, last_name, is_active, is_superuser, is_service_account
  FROM kernel_user
"""
ROLES = """
INSERT INTO kernel_personroleevent (pgh_created_at, pgh_label, id, user_id, group_id)
SELECT now(), 'insert', id, user_id, group_id FROM kernel_user_groups
"""
TEAMS = """
INSERT INTO kernel_personteamevent (pgh_created_at, pgh_label, id, user_id, permission_id, content_object_id)
SELECT now(), 'insert', id, user_id, permission_id, content_object_id FROM kernel_teamuserobjectpermission
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_people_have_a_past")]
    operations = [
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(TEAMS, migrations.RunSQL.noop),
    ]
