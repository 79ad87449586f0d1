"""A token may stand for a fresh sign-in for a while, and wrong passwords are counted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_begin_the_past_of_people")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="step_up_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Until then its person counts as having just shown who she is.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="WrongPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tried_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "tried_at"], name="wrong_passwords_lately")],
            },
        ),
    ]
