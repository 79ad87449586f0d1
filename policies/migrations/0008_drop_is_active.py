from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0007_guard_codes'),
    ]

    operations = [
        migrations.RemoveField(model_name='exceptioncode', name='is_active'),
        migrations.RemoveField(model_name='reasoncode', name='is_active'),
    ]
