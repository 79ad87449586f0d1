"""The sequence that spoken references are made from."""

from django.db import migrations


class Migration(migrations.Migration):
    """Count refund requests; gaps do not matter, repetition would."""

    dependencies = [("refunds", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE refund_request_reference AS bigint START 1000",
            "DROP SEQUENCE refund_request_reference",
        )
    ]
