from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_sign_in_anew")]

    operations = [
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As this machine has it"), ("light", "Light"), ("dark", "Dark")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "density",
                    models.CharField(
                        blank=True,
                        choices=[("", "Compact"), ("comfortable", "Comfortable")],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "letter_keys",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "On: J, K, A and the others work the list"),
                            ("off", "Off: only keys with Ctrl, Tab, Enter and Escape"),
                        ],
                        default="",
                        max_length=4,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("theme__in", ["", "light", "dark"]),
                            ("density__in", ["", "comfortable"]),
                            ("letter_keys__in", ["", "off"]),
                        ),
                        name="preferences_are_known",
                    )
                ],
            },
        ),
    ]
