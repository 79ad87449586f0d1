import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django_fsm
from django.db import migrations, models

STATES = [('draft', 'Draft'), ('active', 'Active'), ('retired', 'Retired'), ('merged', 'Merged')]


def life_of(model):
    return [
        migrations.AddField(
            model_name=model,
            name='state',
            field=django_fsm.FSMField(choices=STATES, default='draft', max_length=50, protected=True),
        ),
        migrations.AddField(
            model_name=model,
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=f'policies.{model}'),
        ),
        migrations.AddField(
            model_name=model,
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name=model,
            name='most_share_basis_points',
            field=models.PositiveIntegerField(blank=True, help_text='Of all uses, in hundredths of a percent; empty for no cap.', null=True, validators=[django.core.validators.MaxValueValidator(10000)]),
        ),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0004_guard_publication'),
    ]

    operations = [
        *life_of('reasoncode'),
        *life_of('exceptioncode'),
        migrations.AddField(
            model_name='reasoncode',
            name='owner',
            field=models.CharField(default='', help_text='The team that answers for this code.', max_length=80),
        ),
        migrations.AddField(
            model_name='reasoncode',
            name='playbook',
            field=models.TextField(default='', help_text='What to do when this code occurs.'),
        ),
        migrations.AddField(
            model_name='reasoncode',
            name='sla_hours',
            field=models.PositiveIntegerField(default=24, help_text='Hours in which the owner has done what the playbook says.'),
        ),
        migrations.AddField(
            model_name='reasoncode',
            name='when_to_use',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='reasoncode',
            name='when_not_to_use',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='reasoncode',
            name='evidence_kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None),
        ),
    ]
