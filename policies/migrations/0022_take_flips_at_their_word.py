"""Flips are written from the decisions themselves, which nothing deletes: do not ask for each of them again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Loosen both references."""

    dependencies = [("policies", "0021_count_editors_among_writers")]

    operations = [
        migrations.AlterField(
            model_name="backtestflip",
            name="backtest",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="flips",
                to="policies.backtest",
            ),
        ),
        migrations.AlterField(
            model_name="backtestflip",
            name="decision",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.policydecision",
            ),
        ),
    ]
