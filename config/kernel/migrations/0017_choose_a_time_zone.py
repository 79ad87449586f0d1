from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0016_keep_sign_ins")]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
