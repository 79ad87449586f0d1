"""Routes, steps, limits and roles, as they stood on 21 November 2026; what older databases went through is replaced by this."""

import approvals.models.team_calendar
import config.kernel.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('approvals', '0001_initial'),
        ('approvals', '0002_authority_and_routing'),
        ('approvals', '0003_fill_what_is_open'),
        ('approvals', '0004_limits_need_two_people'),
        ('approvals', '0005_begin_the_past_of_limits'),
        ('approvals', '0006_freeze_stop_tells_where'),
        ('approvals', '0007_tell_screens'),
        ('approvals', '0008_mark_what_time_did'),
        ('approvals', '0009_walk_by_promise'),
        ('approvals', '0010_know_when_dead_ends_were_looked_for'),
        ('approvals', '0011_give_roles_by_two'),
        ('approvals', '0012_keep_strangers_strangers'),
        ('approvals', '0013_let_words_go'),
        ('approvals', '0014_keep_notes_off_the_ledger'),
        ('approvals', '0015_know_who_proposed_another_way'),
    ]

    initial = True

    dependencies = [
        ('kernel', '0001_squashed_0005'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadEndLook',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('ended_at', models.DateTimeField(db_index=True)),
                ('route_count', models.PositiveIntegerField()),
                ('found_count', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ApprovalRoute',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('declined', 'Declined'), ('closed', 'Closed'), ('recalled', 'Recalled'), ('lapsed', 'Lapsed')], default='open', max_length=10)),
                ('reference', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('customer', models.CharField(blank=True, default='', max_length=120)),
                ('category', models.CharField(max_length=32)),
                ('reason', models.CharField(blank=True, default='', max_length=40)),
                ('exception_code', models.CharField(blank=True, default='', max_length=40)),
                ('risk', models.CharField(choices=[('low', 'Low risk'), ('medium', 'Medium risk'), ('high', 'High risk')], default='low', max_length=8)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('part_number', models.PositiveIntegerField(db_default=1, default=1, help_text='Which part of something larger this is; 1 when it is whole.')),
                ('others_minor', models.BigIntegerField(db_default=0, default=0, help_text='What the other parts ask for.')),
                ('is_routine', models.BooleanField(db_default=False, default=False, help_text='In policy, of low risk, its evidence complete.')),
                ('page', models.CharField(max_length=200)),
                ('panel', models.CharField(max_length=200)),
                ('current_level', models.PositiveSmallIntegerField(default=1)),
                ('current_role', models.CharField(max_length=40)),
                ('open_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('due_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('seconds_left', models.IntegerField(blank=True, help_text='What was left of the promise, in working time, when the clock was stopped.', null=True)),
                ('lapses_at', models.DateTimeField(blank=True, null=True)),
                ('lapse_told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'permissions': [('decide_approvalstep', 'Can decide on an approval step')],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['team', 'due_at', 'id'], include=('amount_minor',), name='route_queue'), models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='route_by_promise'), models.Index(condition=models.Q(('state', 'open'), models.Q(('exception_code', ''), _negated=True)), fields=['team', 'due_at', 'id'], name='route_exceptions'), models.Index(condition=models.Q(('state', 'open')), fields=['risk', 'team', 'due_at', 'id'], name='route_by_risk'), models.Index(fields=['subject_kind', 'subject_id'], name='route_of_subject'), models.Index(condition=models.Q(('lapses_at__isnull', False), ('state', 'open')), fields=['lapses_at'], name='route_lapses')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('subject_kind', 'subject_id'), name='one_open_route_per_subject'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'approved', 'declined', 'closed', 'recalled', 'lapsed'])), name='route_state_is_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='route_amount_is_positive'), models.CheckConstraint(condition=models.Q(('others_minor__gte', 0)), name='other_parts_are_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='AuthorityLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='authority_limits', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(blank=True, default='', max_length=40)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.team')),
                ('category', models.CharField(max_length=32)),
                ('currency', models.CharField(max_length=3)),
                ('single_minor', models.BigIntegerField(help_text='The most for one request, in minor units.')),
                ('daily_minor', models.BigIntegerField(help_text='The most in one day, in minor units.')),
            ],
            options={
                'permissions': [('review_authoritylimit', 'Can sign a review of who could approve what')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('role', ''), ('user__isnull', False)), models.Q(('user__isnull', True), models.Q(('role', ''), _negated=True)), _connector='OR'), name='limit_is_of_a_person_or_of_a_role'), models.CheckConstraint(condition=models.Q(('single_minor__gte', 0)), name='limit_is_not_negative'), models.CheckConstraint(condition=models.Q(('daily_minor__gte', models.F('single_minor'))), name='daily_limit_covers_single_limit'), models.UniqueConstraint(fields=('user', 'role', 'team', 'category', 'currency'), name='one_limit_per_holder_and_scope', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='AuthorityLimitEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(blank=True, default='', max_length=40)),
                ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='kernel.team')),
                ('category', models.CharField(max_length=32)),
                ('currency', models.CharField(max_length=3)),
                ('single_minor', models.BigIntegerField(help_text='The most for one request, in minor units.')),
                ('daily_minor', models.BigIntegerField(help_text='The most in one day, in minor units.')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('lent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_given', to=settings.AUTH_USER_MODEL)),
                ('lent_to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations_held', to=settings.AUTH_USER_MODEL)),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('ended', 'Ended')], default='offered', max_length=10)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None)),
                ('currency', models.CharField(blank=True, default='', max_length=3)),
                ('single_minor', models.BigIntegerField(blank=True, null=True)),
                ('why', models.CharField(blank=True, default='', max_length=400)),
                ('offered_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('teams', models.ManyToManyField(blank=True, related_name='+', to='kernel.team')),
            ],
            options={
                'ordering': ['-from_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'accepted')), fields=['lent_to', 'until_at'], name='delegation_in_force'), models.Index(condition=models.Q(('state', 'accepted')), fields=['lent_by', 'until_at'], name='delegation_given')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'accepted', 'declined', 'ended'])), name='delegation_state_is_known'), models.CheckConstraint(condition=models.Q(('lent_by', models.F('lent_to')), _negated=True), name='nobody_lends_to_herself'), models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('from_at'))), name='delegation_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('single_minor__isnull', True)), models.Q(('single_minor__gte', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='delegation_ceiling_has_a_currency'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='delegation_in_force_was_accepted')],
            },
        ),
        migrations.CreateModel(
            name='FreezeSwitch',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(choices=[('agent', 'One person'), ('team', 'One team'), ('category', 'One category'), ('everything', 'Everything')], max_length=12)),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('category', models.CharField(blank=True, default='', max_length=32)),
                ('why', models.CharField(max_length=400)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_why', models.CharField(blank=True, default='', max_length=400)),
            ],
            options={
                'ordering': ['-set_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agent__isnull', False), ('category', ''), ('scope', 'agent'), ('team__isnull', True)), models.Q(('agent__isnull', True), ('category', ''), ('scope', 'team'), ('team__isnull', False)), models.Q(('agent__isnull', True), ('scope', 'category'), ('team__isnull', True), models.Q(('category', ''), _negated=True)), models.Q(('agent__isnull', True), ('category', ''), ('scope', 'everything'), ('team__isnull', True)), _connector='OR'), name='freeze_names_what_it_stops'), models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='freeze_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='freeze_is_lifted_by_somebody'), models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('scope', 'agent', 'team', 'category'), name='one_freeze_on_per_scope', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Involvement',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('part', models.CharField(choices=[('submitter', 'handed it in'), ('reviewer', 'judged its exception'), ('payer', 'paid it'), ('proposer', 'proposed how else to pay it')], max_length=10)),
                ('since', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('part__in', ['submitter', 'reviewer', 'payer', 'proposer'])), name='part_is_known'), models.UniqueConstraint(fields=('subject_id', 'person', 'part', 'subject_kind'), name='one_part_once_per_person')],
            },
        ),
        migrations.CreateModel(
            name='LimitChange',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='limit_changes', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(blank=True, default='', max_length=40)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.team')),
                ('category', models.CharField(max_length=32)),
                ('currency', models.CharField(max_length=3)),
                ('single_minor', models.BigIntegerField(blank=True, null=True)),
                ('daily_minor', models.BigIntegerField(blank=True, null=True)),
                ('single_before_minor', models.BigIntegerField(blank=True, null=True)),
                ('daily_before_minor', models.BigIntegerField(blank=True, null=True)),
                ('why', models.CharField(max_length=400)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, default='', max_length=400)),
                ('confirmed_in', models.BigIntegerField(editable=False, null=True)),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'permissions': [('answer_limitchange', 'Can confirm or refuse a change of a limit')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'confirmed', 'refused', 'withdrawn'])), name='limit_change_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answered_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='limit_change_is_confirmed_by_another'), models.CheckConstraint(condition=models.Q(('user__isnull', True), models.Q(models.Q(('proposed_by', models.F('user')), _negated=True), models.Q(('answered_by__isnull', True), models.Q(('state', 'confirmed'), _negated=True), models.Q(('answered_by', models.F('user')), _negated=True), _connector='OR')), _connector='OR'), name='nobody_changes_her_own_limit'), models.CheckConstraint(condition=models.Q(models.Q(('role', ''), ('user__isnull', False)), models.Q(('user__isnull', True), models.Q(('role', ''), _negated=True)), _connector='OR'), name='limit_change_names_a_person_or_a_role'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('user', 'role', 'team', 'category', 'currency'), name='one_proposed_change_per_scope', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='NoticeSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notice_setting', to=settings.AUTH_USER_MODEL)),
                ('wish', models.CharField(choices=[('each', 'Each by itself'), ('digest', 'Once a day, all together'), ('none', 'Not by mail')], default='each', max_length=10)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('wish__in', ['each', 'digest', 'none'])), name='notice_wish_is_known')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_grants', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(max_length=40)),
                ('review', models.CharField(blank=True, default='', max_length=400)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, default='', max_length=400)),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'confirmed', 'refused', 'withdrawn'])), name='role_grant_state_is_known'), models.CheckConstraint(condition=models.Q(('proposed_by', models.F('person')), _negated=True), name='nobody_asks_for_her_own_role'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answered_by', models.F('proposed_by')), _negated=True), models.Q(('answered_by', models.F('person')), _negated=True)), _connector='OR'), name='role_grant_is_confirmed_by_another'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('person', 'role'), name='one_proposed_grant_of_a_role')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(max_length=400)),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='one_view_per_name')],
            },
        ),
        migrations.CreateModel(
            name='SignedReview',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('moment', models.DateTimeField()),
                ('row_count', models.PositiveIntegerField()),
                ('unexplained_count', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('note', models.TextField()),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['-signed_at', '-id'], name='signed_review_newest')],
            },
        ),
        migrations.CreateModel(
            name='StepUpLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, unique=True)),
                ('above_minor', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('above_minor__gte', 0)), name='step_up_is_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='TeamCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar', to='kernel.team')),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=approvals.models.team_calendar.monday_to_friday, help_text='ISO weekdays, Monday is 1.', size=None)),
                ('opens_at', models.TimeField(default='09:00')),
                ('closes_at', models.TimeField(default='17:30')),
                ('lapses_after_days', models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('opens_at__lt', models.F('closes_at'))), name='calendar_opens_before_it_closes'), models.CheckConstraint(condition=models.Q(('weekdays__len__gte', 1)), name='calendar_has_a_working_day')],
            },
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['from_at', 'id'],
                'indexes': [models.Index(fields=['user', 'until_at'], name='absence_of')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('from_at'))), name='absence_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalStep',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='approvals.approvalroute')),
                ('level', models.PositiveSmallIntegerField()),
                ('role', models.CharField(max_length=40)),
                ('place', models.PositiveSmallIntegerField(default=0)),
                ('quorum', models.PositiveSmallIntegerField(default=1)),
                ('out_of', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('open', 'Open'), ('approved', 'Approved'), ('declined', 'Declined'), ('closed', 'Closed')], default='waiting', max_length=10)),
                ('sla_hours', models.PositiveSmallIntegerField()),
                ('escalates_to', models.CharField(blank=True, default='', max_length=40)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('remind_at', models.DateTimeField(blank=True, null=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('asked_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leased_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['level', 'place'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='step_due'), models.Index(condition=models.Q(('reminded_at__isnull', True), ('state', 'open')), fields=['remind_at'], name='step_to_remind'), models.Index(condition=models.Q(('leased_by__isnull', False), ('state', 'open')), fields=['leased_by'], name='step_leased'), models.Index(condition=models.Q(('asked_of__isnull', False), ('state', 'open')), fields=['asked_of'], name='step_asked_of')],
                'constraints': [models.UniqueConstraint(fields=('route', 'level', 'place'), name='one_step_per_level_and_place'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'open', 'approved', 'declined', 'closed'])), name='step_state_is_known'), models.CheckConstraint(condition=models.Q(('quorum__gte', 1)), name='step_needs_somebody'), models.CheckConstraint(condition=models.Q(('out_of__isnull', True), ('out_of__gte', models.F('quorum')), _connector='OR'), name='as_many_vote_as_must_agree')],
            },
        ),
        migrations.CreateModel(
            name='DeadEnd',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dead_ends', to='approvals.approvalroute')),
                ('level', models.PositiveSmallIntegerField()),
                ('why', models.TextField()),
                ('found_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['found_at', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True)), fields=('route', 'level'), name='one_dead_end_per_route_and_level')],
            },
        ),
        migrations.CreateModel(
            name='FreezeStop',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('switch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='approvals.freezeswitch')),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('reference', models.CharField(max_length=80)),
                ('page', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('verb', models.CharField(max_length=40)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-stopped_at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('switch', 'subject_kind', 'subject_id', 'verb'), name='stopped_once_per_switch_and_verb')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='approvals.approvalroute')),
                ('kind', models.CharField(choices=[('waiting', 'Waits for you'), ('asked', 'Asked of you'), ('reminder', 'Due soon'), ('escalated', 'Went up to you'), ('overdue', 'Overdue in your team'), ('lapsed', 'Lapsed')], max_length=10)),
                ('level', models.PositiveSmallIntegerField()),
                ('written_at', models.DateTimeField()),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-written_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('mailed_at__isnull', True)), fields=['user', 'written_at'], name='notice_to_mail'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', 'written_at'], name='notice_to_read')],
                'constraints': [models.UniqueConstraint(fields=('user', 'route', 'kind', 'level'), name='told_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['waiting', 'asked', 'reminder', 'escalated', 'overdue', 'lapsed'])), name='notice_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Snooze',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='snoozes', to='approvals.approvalroute')),
                ('until_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('route', 'user'), name='one_snooze_per_person_and_route')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='approvals.teamcalendar')),
                ('on', models.DateField()),
                ('name', models.CharField(max_length=80)),
            ],
            options={
                'ordering': ['on'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'on'), name='one_holiday_a_day')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalDecision',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='approvals.approvalroute')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='approvals.approvalstep')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('acting_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verdict', models.CharField(choices=[('approve', 'Approve'), ('decline', 'Decline')], max_length=10)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('code', models.CharField(blank=True, default='', max_length=40)),
                ('rationale', models.TextField(blank=True, default='')),
                ('role_at_time', models.CharField(max_length=40)),
                ('limit_at_time_minor', models.BigIntegerField(null=True)),
                ('evidence_opened', models.JSONField(default=list)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['decided_at', 'id'],
                'indexes': [models.Index(fields=['decided_by', 'decided_at'], name='decision_of_the_day'), models.Index(condition=models.Q(('acting_for__isnull', False)), fields=['acting_for', 'decided_at'], name='decision_for_another')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by', models.F('requested_by')), _negated=True), name='decider_is_not_the_requester'), models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), models.Q(('decided_by', models.F('reviewed_by')), _negated=True), _connector='OR'), name='decider_is_not_the_reviewer'), models.CheckConstraint(condition=models.Q(('acting_for__isnull', True), models.Q(models.Q(('acting_for', models.F('requested_by')), _negated=True), models.Q(('acting_for', models.F('decided_by')), _negated=True)), _connector='OR'), name='the_requester_does_not_decide_by_another'), models.CheckConstraint(condition=models.Q(('acting_for__isnull', True), ('reviewed_by__isnull', True), models.Q(('acting_for', models.F('reviewed_by')), _negated=True), _connector='OR'), name='the_reviewer_does_not_decide_by_another'), models.CheckConstraint(condition=models.Q(('verdict__in', ['approve', 'decline'])), name='decision_verdict_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'approve'), _negated=True), models.Q(('amount_minor__lte', models.F('limit_at_time_minor')), ('limit_at_time_minor__isnull', False)), _connector='OR'), name='approval_is_within_the_limit_at_the_time'), models.UniqueConstraint(fields=('route', 'decided_by'), name='one_decision_per_person_and_route')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvalroute',
            trigger=pgtrigger.compiler.Trigger(name='routes_are_live', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM pg_notify('redress_live', (NEW.team_id)::text); RETURN NULL;", hash='669fe3323107ec2645a0137beb5ed414c3f1a0a1', operation='INSERT OR UPDATE OF "state", "current_level", "current_role", "open_roles", "due_at"', pgid='pgtrigger_routes_are_live_7a0b0', table='approvals_approvalroute', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvalroute',
            trigger=pgtrigger.compiler.Trigger(name='what_is_signed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."reviewed_by_id" IS DISTINCT FROM (NEW."reviewed_by_id") OR OLD."subject_id" IS DISTINCT FROM (NEW."subject_id") OR OLD."subject_kind" IS DISTINCT FROM (NEW."subject_kind"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2bbfaa9eb46f613b717c16c15a55b450eab6a740', operation='UPDATE', pgid='pgtrigger_what_is_signed_stays_24568', table='approvals_approvalroute', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authoritylimit',
            trigger=pgtrigger.compiler.Trigger(name='limit_is_confirmed', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE asked approvals_authoritylimit%ROWTYPE;', func="\n    IF TG_OP = 'DELETE' THEN asked := OLD; ELSE asked := NEW; END IF;\n    IF TG_OP = 'UPDATE' AND ROW (OLD.user_id, OLD.role, OLD.team_id, OLD.category, OLD.currency)\n       IS DISTINCT FROM ROW (NEW.user_id, NEW.role, NEW.team_id, NEW.category, NEW.currency) THEN\n        RAISE EXCEPTION 'a limit keeps whom and what it names';\n    END IF;\n    IF NOT EXISTS (\n        SELECT 1 FROM approvals_limitchange c\n         WHERE c.state = 'confirmed' AND c.confirmed_in = pg_current_xact_id()::text::bigint\n           AND c.user_id IS NOT DISTINCT FROM asked.user_id AND c.role = asked.role\n           AND c.team_id IS NOT DISTINCT FROM asked.team_id\n           AND c.category = asked.category AND c.currency = asked.currency\n           AND CASE WHEN TG_OP = 'DELETE' THEN c.single_minor IS NULL\n                    ELSE c.single_minor = asked.single_minor AND c.daily_minor = asked.daily_minor END\n    ) THEN\n        RAISE EXCEPTION 'a limit changes only as a second person confirmed';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n", hash='33573f3368cfdd82429bf2410131ae047944b859', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_limit_is_confirmed_37790', table='approvals_authoritylimit', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authoritylimit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "approvals_authoritylimitevent" ("category", "currency", "daily_minor", "id", "pgh_created_at", "pgh_label", "role", "single_minor", "team_id", "user_id") VALUES (NEW."category", NEW."currency", NEW."daily_minor", NEW."id", NOW(), \'insert\', NEW."role", NEW."single_minor", NEW."team_id", NEW."user_id"); RETURN NULL;', hash='1174b04a165886df65b56edf6d33c05d24a58b22', operation='INSERT', pgid='pgtrigger_insert_insert_72a6f', table='approvals_authoritylimit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authoritylimit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "approvals_authoritylimitevent" ("category", "currency", "daily_minor", "id", "pgh_created_at", "pgh_label", "role", "single_minor", "team_id", "user_id") VALUES (NEW."category", NEW."currency", NEW."daily_minor", NEW."id", NOW(), \'update\', NEW."role", NEW."single_minor", NEW."team_id", NEW."user_id"); RETURN NULL;', hash='6159359e799dfd308f0dfb339a7b91a7a2ef200b', operation='UPDATE', pgid='pgtrigger_update_update_f18c8', table='approvals_authoritylimit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authoritylimit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "approvals_authoritylimitevent" ("category", "currency", "daily_minor", "id", "pgh_created_at", "pgh_label", "role", "single_minor", "team_id", "user_id") VALUES (OLD."category", OLD."currency", OLD."daily_minor", OLD."id", NOW(), \'delete\', OLD."role", OLD."single_minor", OLD."team_id", OLD."user_id"); RETURN NULL;', hash='8f5d70cc1d897bffe1cba8a5b41480d9bf8a131e', operation='DELETE', pgid='pgtrigger_delete_delete_125c9', table='approvals_authoritylimit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authoritylimitevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0db538b13b8f99b6aaeaa868479105071bf36240', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c7169', table='approvals_authoritylimitevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='involvement',
            trigger=pgtrigger.compiler.Trigger(name='parts_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d3f7a6e9af623f8a0999d8ca383a6cba923d4236', operation='UPDATE OR DELETE', pgid='pgtrigger_parts_stay_97afa', table='approvals_involvement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='limitchange',
            trigger=pgtrigger.compiler.Trigger(name='change_is_proposed_then_answered', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF TG_OP = 'INSERT' THEN\n        IF NEW.state <> 'proposed' THEN\n            RAISE EXCEPTION 'a change of a limit begins as a proposal';\n        END IF;\n        NEW.confirmed_in := NULL;\n        RETURN NEW;\n    END IF;\n    IF OLD.state <> 'proposed' THEN\n        RAISE EXCEPTION 'an answered change of a limit stays as it is';\n    END IF;\n    IF ROW (NEW.user_id, NEW.role, NEW.team_id, NEW.category, NEW.currency, NEW.single_minor, NEW.daily_minor,\n            NEW.single_before_minor, NEW.daily_before_minor, NEW.why, NEW.proposed_by_id, NEW.proposed_at)\n       IS DISTINCT FROM\n       ROW (OLD.user_id, OLD.role, OLD.team_id, OLD.category, OLD.currency, OLD.single_minor, OLD.daily_minor,\n            OLD.single_before_minor, OLD.daily_before_minor, OLD.why, OLD.proposed_by_id, OLD.proposed_at) THEN\n        RAISE EXCEPTION 'what was proposed stays; propose anew';\n    END IF;\n    NEW.confirmed_in := CASE WHEN NEW.state = 'confirmed' THEN pg_current_xact_id()::text::bigint END;\n    RETURN NEW;\n", hash='7fbb8d977e6b799cb11aac91fa0ebe66889e78b8', operation='INSERT OR UPDATE', pgid='pgtrigger_change_is_proposed_then_answered_4dd68', table='approvals_limitchange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='limitchange',
            trigger=pgtrigger.compiler.Trigger(name='limit_changes_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='6b85e8e118bb8e1fd7fabbf7629f3a875661fc48', operation='DELETE', pgid='pgtrigger_limit_changes_stay_53f7c', table='approvals_limitchange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='answered_grants_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."state" = \'proposed\'))', func="RAISE EXCEPTION 'an answered grant of a role stays as it is';", hash='8188fbd58c2e89e02b8833dbe1c7228fba404f51', operation='UPDATE', pgid='pgtrigger_answered_grants_stay_d4a29', table='approvals_rolegrant', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolegrant',
            trigger=pgtrigger.compiler.Trigger(name='role_grants_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2a942d1f2de629fd0575cfc0f99c16254b5fd735', operation='DELETE', pgid='pgtrigger_role_grants_stay_5c5dc', table='approvals_rolegrant', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvalstep',
            trigger=pgtrigger.compiler.Trigger(name='holders_are_live', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.leased_by_id IS DISTINCT FROM OLD.leased_by_id)', func="PERFORM pg_notify('redress_live', ((SELECT team_id FROM approvals_approvalroute WHERE id = NEW.route_id))::text); RETURN NULL;", hash='e5e20fa23d2e26bf3ac4e803073a3e9e50874668', operation='UPDATE OF "leased_by_id"', pgid='pgtrigger_holders_are_live_7f7a2', table='approvals_approvalstep', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvaldecision',
            trigger=pgtrigger.compiler.Trigger(name='decisions_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fb33a8d3ceac82670446c0214ff5b7b45675456a', operation='DELETE', pgid='pgtrigger_decisions_stay_6bb83', table='approvals_approvaldecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvaldecision',
            trigger=pgtrigger.compiler.Trigger(name='only_words_ever_go', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE as_it_was approvals_approvaldecision%ROWTYPE;', func="\n    as_it_was := OLD;\n    as_it_was.rationale := '';\n    IF NEW IS DISTINCT FROM as_it_was OR NOT EXISTS (\n        SELECT 1 FROM evidence_ledgerentry e JOIN approvals_approvalroute r ON r.id = OLD.route_id\n         WHERE e.subject_kind = r.subject_kind AND e.subject_id = r.subject_id AND e.kind = 'erasure.carried_out'\n    ) THEN\n        RAISE EXCEPTION 'Cannot update rows from approvals_approvaldecision table';\n    END IF;\n    RETURN NEW;\n", hash='0d1f2d348e7c833a8b117383e497afb820487d39', operation='UPDATE', pgid='pgtrigger_only_words_ever_go_f9f1f', table='approvals_approvaldecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='approvaldecision',
            trigger=pgtrigger.compiler.Trigger(name='decision_is_of_a_stranger', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE route approvals_approvalroute%ROWTYPE; signers bigint[];', func="\n    SELECT * INTO route FROM approvals_approvalroute r\n     WHERE r.id = NEW.route_id AND r.requested_by_id = NEW.requested_by_id\n       AND r.reviewed_by_id IS NOT DISTINCT FROM NEW.reviewed_by_id;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'an approval decision must repeat the requester and reviewer of its route';\n    END IF;\n    IF NOT EXISTS (SELECT 1 FROM approvals_approvalstep s WHERE s.id = NEW.step_id AND s.route_id = route.id) THEN\n        RAISE EXCEPTION 'an approval decision is on a step of its own route';\n    END IF;\n    signers := array_remove(ARRAY[NEW.decided_by_id, NEW.acting_for_id], NULL);\n    IF EXISTS (\n        SELECT 1 FROM approvals_involvement i\n         WHERE i.subject_kind = route.subject_kind AND i.subject_id = route.subject_id AND i.person_id = ANY (signers)\n    ) THEN\n        RAISE EXCEPTION 'whoever handed it in, judged or paid it does not sign for it';\n    END IF;\n    IF EXISTS (\n        SELECT 1 FROM approvals_approvaldecision d JOIN approvals_approvalroute r ON r.id = d.route_id\n         WHERE r.subject_kind = route.subject_kind AND r.subject_id = route.subject_id\n           AND (r.id = route.id OR r.state IN ('approved', 'declined'))\n           AND (d.decided_by_id = ANY (signers) OR d.acting_for_id = ANY (signers))\n    ) THEN\n        RAISE EXCEPTION 'whoever decided on it before does not decide on it again';\n    END IF;\n    IF NEW.acting_for_id IS NOT NULL AND NOT EXISTS (\n        SELECT 1 FROM approvals_delegation g\n         WHERE g.lent_by_id = NEW.acting_for_id AND g.lent_to_id = NEW.decided_by_id AND g.state = 'accepted'\n           AND g.from_at <= NEW.decided_at AND NEW.decided_at < g.until_at\n    ) THEN\n        RAISE EXCEPTION 'nobody acts for another without a delegation in force';\n    END IF;\n    IF EXISTS (\n        SELECT 1 FROM approvals_delegation g\n         WHERE g.lent_by_id = NEW.requested_by_id AND g.lent_to_id = ANY (signers) AND g.state = 'accepted'\n           AND g.from_at <= NEW.decided_at AND NEW.decided_at < g.until_at\n    ) THEN\n        RAISE EXCEPTION 'the stand-in of the requester does not decide, nor does anybody for her';\n    END IF;\n    RETURN NEW;\n", hash='6f914670914e1acf48297cea3258ec4d52073cbf', operation='INSERT', pgid='pgtrigger_decision_is_of_a_stranger_76ecf', table='approvals_approvaldecision', when='BEFORE')),
        ),
    ]
