"""What a freeze stopped says where it is found, in which team, and by a reference as long as an order's."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial"), ("approvals", "0005_begin_the_past_of_limits")]

    operations = [
        migrations.AddField(
            model_name="freezestop",
            name="page",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="freezestop",
            name="team",
            field=models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="kernel.team"),
        ),
        migrations.AlterField(
            model_name="freezestop",
            name="reference",
            field=models.CharField(max_length=80),
        ),
        migrations.AlterField(
            model_name="freezeswitch",
            name="scope",
            field=models.CharField(
                choices=[
                    ("agent", "One person"),
                    ("team", "One team"),
                    ("category", "One category"),
                    ("everything", "Everything"),
                ],
                max_length=12,
            ),
        ),
    ]
