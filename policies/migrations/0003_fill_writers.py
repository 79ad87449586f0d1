"""Count the author of every version among its writers."""

from django.db import migrations

FILL = "UPDATE policies_policyversion SET writer_ids = ARRAY[author_id] WHERE writer_ids = '{}'"


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0002_let_versions_run_in_shadow_and_on_time'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
