from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("analytics", "0003_remediation")]

    operations = [
        migrations.AlterModelOptions(
            name="insight",
            options={
                "managed": False,
                "default_permissions": (),
                "permissions": [
                    ("view_insight", "Can see insight"),
                    ("recount_insight", "Can have insight counted anew"),
                    ("view_people_insight", "Can see who is behind a pattern"),
                ],
            },
        ),
    ]
