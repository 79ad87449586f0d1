from django.db import migrations, models

KNOWN = ['draft', 'active', 'retired', 'merged']


def laws_of(model, word):
    laws = [
        (f'{word}_has_an_owner', models.Q(('owner__regex', '\\S'))),
        (f'{word}_has_a_playbook', models.Q(('playbook__regex', '\\S'))),
        (f'{word}_state_is_known', models.Q(('state__in', KNOWN))),
        (
            f'{word}_names_its_successor_when_merged',
            models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'),
        ),
        (
            f'{word}_is_not_merged_into_itself',
            models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('code')), _negated=True), _connector='OR'),
        ),
        (
            f'{word}_in_use_is_not_retired',
            models.Q(models.Q(('state__in', ['draft', 'active']), _negated=True), ('retired_at__isnull', True), _connector='OR'),
        ),
        (
            f'{word}_cap_is_a_share',
            models.Q(('most_share_basis_points__isnull', True), ('most_share_basis_points__lte', 10000), _connector='OR'),
        ),
    ]
    return [
        migrations.AddConstraint(model_name=model, constraint=models.CheckConstraint(name=name, condition=condition))
        for name, condition in laws
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0006_fill_codes'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='exceptioncode', name='exception_code_has_an_owner'),
        migrations.RemoveConstraint(model_name='exceptioncode', name='exception_code_has_a_playbook'),
        migrations.AlterField(
            model_name='reasoncode',
            name='owner',
            field=models.CharField(help_text='The team that answers for this code.', max_length=80),
        ),
        migrations.AlterField(
            model_name='reasoncode',
            name='playbook',
            field=models.TextField(help_text='What to do when this code occurs.'),
        ),
        migrations.AlterField(
            model_name='reasoncode',
            name='sla_hours',
            field=models.PositiveIntegerField(help_text='Hours in which the owner has done what the playbook says.'),
        ),
        migrations.AlterField(
            model_name='exceptioncode',
            name='sla_hours',
            field=models.PositiveIntegerField(help_text='Hours in which the owner has done what the playbook says.'),
        ),
        *laws_of('reasoncode', 'reason_code'),
        *laws_of('exceptioncode', 'exception_code'),
    ]
