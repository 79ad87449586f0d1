"""Find what an agent submitted lately, however long she kept it as a draft."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index."""

    dependencies = [("refunds", "0005_count_requests_by_customer")]

    operations = [
        migrations.AddIndex(
            model_name="refundrequest",
            index=models.Index(fields=["requested_by", "submitted_at"], name="request_of_agent_lately"),
        ),
    ]
