"""Policies, codes, decisions and governed actions, as they stood on 21 November 2026; what older databases went through is replaced by this."""

import config.kernel.ids
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('policies', '0001_initial'),
        ('policies', '0002_let_versions_run_in_shadow_and_on_time'),
        ('policies', '0003_fill_writers'),
        ('policies', '0004_guard_publication'),
        ('policies', '0005_let_codes_live'),
        ('policies', '0006_fill_codes'),
        ('policies', '0007_guard_codes'),
        ('policies', '0008_drop_is_active'),
        ('policies', '0020_let_no_writer_review'),
        ('policies', '0021_count_editors_among_writers'),
        ('policies', '0022_take_flips_at_their_word'),
        ('policies', '0023_guard_writers_and_reviews'),
        ('policies', '0024_find_cases_of_a_rule'),
        ('policies', '0025_govern_other_actions'),
        ('policies', '0026_explain_a_mirror'),
    ]

    initial = True

    dependencies = [
        ('approvals', '0001_squashed_0015'),
        ('kernel', '0001_squashed_0005'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql='CREATE SEQUENCE governed_action_reference AS bigint START 1000',
            reverse_sql='DROP SEQUENCE governed_action_reference',
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('title', models.CharField(max_length=120)),
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='policy', to='kernel.team')),
                ('enforced_categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('refund', 'Refund'), ('goodwill_credit', 'Goodwill credit'), ('payout', 'Payout'), ('transfer', 'Transfer'), ('transfer_reversal', 'Transfer reversal'), ('dispute', 'Dispute'), ('application_fee_refund', 'Application fee refund')], max_length=32), blank=True, default=list, help_text='Categories that gate money. All others are in shadow: the verdict is recorded and a person decides.', size=None)),
            ],
            options={
                'verbose_name_plural': 'policies',
            },
        ),
        migrations.CreateModel(
            name='ReasonCode',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=80)),
                ('hint', models.CharField(blank=True, default='', help_text='Shown beside the choice.', max_length=240)),
                ('leakage_class', models.CharField(choices=[('unavoidable', 'Unavoidable'), ('preventable', 'Preventable'), ('discretionary', 'Discretionary'), ('fraud', 'Fraud'), ('statutory', 'Statutory')], max_length=16)),
                ('owner', models.CharField(help_text='The team that answers for this code.', max_length=80)),
                ('playbook', models.TextField(help_text='What to do when this code occurs.')),
                ('sla_hours', models.PositiveIntegerField(help_text='Hours in which the owner has done what the playbook says.')),
                ('when_to_use', models.TextField(blank=True, default='')),
                ('when_not_to_use', models.TextField(blank=True, default='')),
                ('evidence_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None)),
                ('most_share_basis_points', models.PositiveIntegerField(blank=True, help_text='Of all uses, in hundredths of a percent; empty for no cap.', null=True, validators=[django.core.validators.MaxValueValidator(10000)])),
                ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('active', 'Active'), ('retired', 'Retired'), ('merged', 'Merged')], default='draft', max_length=50, protected=True)),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.reasoncode')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['code'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('owner__regex', '\\S')), name='reason_code_has_an_owner'), models.CheckConstraint(condition=models.Q(('playbook__regex', '\\S')), name='reason_code_has_a_playbook'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'retired', 'merged'])), name='reason_code_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='reason_code_names_its_successor_when_merged'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('code')), _negated=True), _connector='OR'), name='reason_code_is_not_merged_into_itself'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('draft', 'active')), _negated=True), ('retired_at__isnull', True), _connector='OR'), name='reason_code_in_use_is_not_retired'), models.CheckConstraint(condition=models.Q(('most_share_basis_points__isnull', True), ('most_share_basis_points__lte', 10000), _connector='OR'), name='reason_code_cap_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='ExceptionCode',
            fields=[
                ('code', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('label', models.CharField(max_length=80)),
                ('hint', models.CharField(blank=True, default='', help_text='Shown beside the choice.', max_length=240)),
                ('leakage_class', models.CharField(choices=[('unavoidable', 'Unavoidable'), ('preventable', 'Preventable'), ('discretionary', 'Discretionary'), ('fraud', 'Fraud'), ('statutory', 'Statutory')], max_length=16)),
                ('owner', models.CharField(help_text='The team that answers for this code.', max_length=80)),
                ('playbook', models.TextField(help_text='What to do when this code occurs.')),
                ('sla_hours', models.PositiveIntegerField(help_text='Hours in which the owner has done what the playbook says.')),
                ('when_to_use', models.TextField(blank=True, default='')),
                ('when_not_to_use', models.TextField(blank=True, default='')),
                ('evidence_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None)),
                ('most_share_basis_points', models.PositiveIntegerField(blank=True, help_text='Of all uses, in hundredths of a percent; empty for no cap.', null=True, validators=[django.core.validators.MaxValueValidator(10000)])),
                ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('active', 'Active'), ('retired', 'Retired'), ('merged', 'Merged')], default='draft', max_length=50, protected=True)),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.exceptioncode')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['code'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('owner__regex', '\\S')), name='exception_code_has_an_owner'), models.CheckConstraint(condition=models.Q(('playbook__regex', '\\S')), name='exception_code_has_a_playbook'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'active', 'retired', 'merged'])), name='exception_code_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='exception_code_names_its_successor_when_merged'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('code')), _negated=True), _connector='OR'), name='exception_code_is_not_merged_into_itself'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('draft', 'active')), _negated=True), ('retired_at__isnull', True), _connector='OR'), name='exception_code_in_use_is_not_retired'), models.CheckConstraint(condition=models.Q(('most_share_basis_points__isnull', True), ('most_share_basis_points__lte', 10000), _connector='OR'), name='exception_code_cap_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='policies.policy')),
                ('number', models.PositiveIntegerField()),
                ('state', django_fsm.FSMField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('shadow', 'In shadow'), ('scheduled', 'Scheduled'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=50, protected=True)),
                ('document', models.JSONField(help_text='The typed policy document.')),
                ('change_category', models.CharField(choices=[('normal', 'Normal'), ('emergency', 'Emergency')], default='normal', max_length=10)),
                ('what', models.TextField(blank=True, default='', help_text='What changes.')),
                ('why', models.TextField(blank=True, default='', help_text='Why it changes.')),
                ('impact', models.TextField(blank=True, default='', help_text='Whom it affects and how.')),
                ('risk_rationale', models.TextField(blank=True, default='', help_text='What could go wrong, and why it is worth it.')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('writer_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('second_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review_note', models.TextField(blank=True, default='')),
                ('created_at', models.DateTimeField()),
                ('shadow_since', models.DateTimeField(blank=True, null=True)),
                ('publish_at', models.DateTimeField(blank=True, help_text='When a scheduled version comes into force.', null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('review_due_at', models.DateTimeField(blank=True, null=True)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['policy', '-number'],
                'permissions': [('publish_policyversion', 'Can publish a policy version written by somebody else'), ('review_policyversion', 'Can review an emergency change after it came into force')],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='one_version_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('policy',), name='one_published_version_per_policy'), models.UniqueConstraint(condition=models.Q(('state', 'scheduled')), fields=('policy',), name='one_scheduled_version_per_policy'), models.UniqueConstraint(condition=models.Q(('state', 'shadow')), fields=('policy',), name='one_version_in_shadow_per_policy'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review', 'shadow', 'scheduled', 'published', 'retired'])), name='version_state_is_known'), models.CheckConstraint(condition=models.Q(('published_by__isnull', True), models.Q(('published_by', models.F('author')), _negated=True), _connector='OR'), name='publisher_is_not_the_author'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['scheduled', 'published', 'retired']), _negated=True), ('published_by__isnull', False), _connector='OR'), name='published_version_names_its_publisher'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['published', 'retired']), _negated=True), ('published_at__isnull', False), _connector='OR'), name='published_version_says_since_when'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('publish_at__isnull', False), _connector='OR'), name='scheduled_version_says_from_when'), models.CheckConstraint(condition=models.Q(models.Q(('change_category', 'emergency'), ('state__in', ['published', 'retired']), _negated=True), models.Q(('published_by', models.F('second_person')), ('review_due_at__isnull', False)), _connector='OR'), name='emergency_is_published_by_the_person_it_names'), models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), models.Q(models.Q(('reviewed_by', models.F('author')), _negated=True), models.Q(('reviewed_by', models.F('published_by')), _negated=True)), _connector='OR'), name='emergency_is_reviewed_by_a_third_person'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='review_names_its_reader')],
            },
        ),
        migrations.CreateModel(
            name='ModeChange',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mode_changes', to='policies.policy')),
                ('category', models.CharField(choices=[('refund', 'Refund'), ('goodwill_credit', 'Goodwill credit'), ('payout', 'Payout'), ('transfer', 'Transfer'), ('transfer_reversal', 'Transfer reversal'), ('dispute', 'Dispute'), ('application_fee_refund', 'Application fee refund')], max_length=32)),
                ('mode', models.CharField(choices=[('shadow', 'Shadow'), ('enforce', 'Enforce')], max_length=8)),
                ('state', models.CharField(choices=[('proposed', 'Waits for a second person'), ('confirmed', 'Confirmed'), ('refused', 'Refused')], default='proposed', max_length=10)),
                ('why', models.TextField()),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, default='')),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'permissions': [('answer_modechange', 'Can confirm or refuse a switch somebody else proposed')],
                'constraints': [models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='mode_change_is_explained'), models.CheckConstraint(condition=models.Q(('answered_by__isnull', True), models.Q(('answered_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='mode_change_takes_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('answered_by__isnull', True), ('state', 'proposed')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('state__in', ['confirmed', 'refused'])), _connector='OR'), name='answered_mode_change_names_who_answered'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('policy', 'category'), name='one_open_mode_change_per_category')],
            },
        ),
        migrations.CreateModel(
            name='PolicyDecision',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='policies.policyversion')),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('reference', models.CharField(blank=True, default='', help_text='What people call the subject.', max_length=40)),
                ('page', models.CharField(blank=True, default='', help_text='Where the subject is shown.', max_length=200)),
                ('is_trial', models.BooleanField(default=False, help_text='Said by a version in shadow, beside the one in force.')),
                ('category', models.CharField(choices=[('refund', 'Refund'), ('goodwill_credit', 'Goodwill credit'), ('payout', 'Payout'), ('transfer', 'Transfer'), ('transfer_reversal', 'Transfer reversal'), ('dispute', 'Dispute'), ('application_fee_refund', 'Application fee refund')], max_length=32)),
                ('mode', models.CharField(choices=[('shadow', 'Shadow'), ('enforce', 'Enforce')], max_length=8)),
                ('outcome', models.CharField(choices=[('allow', 'Automatic'), ('require_approval', 'Needs approval'), ('exception', 'Exception review'), ('block', 'Blocked')], max_length=20)),
                ('matched_rule', models.CharField(max_length=80)),
                ('amount_minor', models.BigIntegerField()),
                ('allowed_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('facts', models.JSONField()),
                ('findings', models.JSONField()),
                ('why_not_automatic', models.JSONField(default=list)),
                ('exception_codes', models.JSONField(default=list)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['decided_at', 'id'],
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='decision_of_subject'), models.Index(fields=['version', 'decided_at'], name='decision_of_version'), models.Index(condition=models.Q(('is_trial', False)), fields=['matched_rule', '-decided_at', '-id'], name='decision_by_rule')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['allow', 'require_approval', 'exception', 'block'])), name='policy_outcome_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Backtest',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backtests', to='policies.policy')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='backtests', to='policies.policyversion')),
                ('document', models.JSONField()),
                ('document_sha256', models.CharField(max_length=64)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.job')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('result', models.JSONField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['policy', '-created_at', '-id'], name='backtest_of_policy')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('from_at'))), name='backtest_window_is_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='VersionLog',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='log', to='policies.policyversion')),
                ('body', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('written_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='GovernedAction',
            fields=[
                ('state', django_fsm.FSMField(choices=[('asked', 'Asked'), ('watched', 'Only watched'), ('allowed', 'Allowed'), ('awaiting_approval', 'Awaiting approval'), ('blocked', 'Blocked'), ('refused', 'Refused'), ('lapsed', 'Lapsed'), ('executing', 'Being carried out'), ('done', 'Done'), ('failed', 'Failed'), ('observed', 'Ungoverned'), ('explained', 'Ungoverned, explained')], default='asked', max_length=50, protected=True)),
                ('external_id', models.CharField(blank=True, default='', help_text="The processor's id of what left.", max_length=120)),
                ('failure', models.CharField(blank=True, default='', max_length=200)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('explained_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('explanation', models.CharField(blank=True, choices=[('schedule', 'Runs on a schedule at the processor'), ('dashboard', 'Made by a colleague at the processor'), ('shop', "Made in the shop's own back office"), ('mirror', "Only the shop's note of a refund that Redress paid"), ('emergency', 'Urgent, and decided elsewhere'), ('mistake', 'Made by mistake'), ('suspected', 'Suspected misuse, followed up'), ('other', 'Something else')], default='', max_length=20)),
                ('note', models.TextField(blank=True, default='')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('explained_at', models.DateTimeField(blank=True, null=True)),
                ('occurred_at', models.DateTimeField(blank=True, help_text='When it left, as the processor says.', null=True)),
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('category', models.CharField(choices=[('refund', 'Refund'), ('goodwill_credit', 'Goodwill credit'), ('payout', 'Payout'), ('transfer', 'Transfer'), ('transfer_reversal', 'Transfer reversal'), ('dispute', 'Dispute'), ('application_fee_refund', 'Application fee refund')], max_length=32)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('reason', models.CharField(blank=True, default='', max_length=40)),
                ('gateway', models.CharField(max_length=40)),
                ('about', models.CharField(blank=True, default='', help_text="The processor's id of what it is about.", max_length=120)),
                ('destination', models.CharField(blank=True, default='', help_text='Where a transfer goes to.', max_length=120)),
                ('customer', models.CharField(blank=True, default='', help_text="The customer's id in the shop.", max_length=80)),
                ('dispute_due_at', models.DateTimeField(blank=True, null=True)),
                ('is_to_be_executed', models.BooleanField(default=False, help_text='Whether we carry it out once it is allowed.')),
                ('is_ungoverned', models.BooleanField(default=False, help_text='Whether it left without a decision of ours.')),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policydecision')),
                ('route', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.approvalroute')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'permissions': [('ask_governedaction', 'Can ask whether money may leave outside a refund request'), ('explain_governedaction', 'Can explain what left without a decision')],
                'indexes': [models.Index(fields=['team', '-created_at', '-id'], name='action_list'), models.Index(condition=models.Q(('is_ungoverned', True)), fields=['team', '-created_at', '-id'], name='action_ungoverned'), models.Index(condition=models.Q(('state__in', ['watched', 'allowed'])), fields=['gateway', 'category', 'currency', 'amount_minor'], name='action_to_match')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'watched', 'allowed', 'awaiting_approval', 'blocked', 'refused', 'lapsed', 'executing', 'done', 'failed', 'observed', 'explained'])), name='action_state_is_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='action_amount_is_positive'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('requested_by')), _negated=True), _connector='OR'), name='action_approver_is_not_who_asked'), models.CheckConstraint(condition=models.Q(('refused_by__isnull', True), models.Q(('refused_by', models.F('requested_by')), _negated=True), _connector='OR'), name='action_refuser_is_not_who_asked'), models.CheckConstraint(condition=models.Q(models.Q(('is_ungoverned', True), ('occurred_at__isnull', False), ('requested_by__isnull', True), ('state__in', ('observed', 'explained')), models.Q(('external_id', ''), _negated=True)), models.Q(('is_ungoverned', False), ('requested_by__isnull', False), models.Q(('state__in', ('observed', 'explained')), _negated=True)), _connector='OR'), name='ungoverned_is_what_nobody_asked_about'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'explained'), _negated=True), models.Q(('explained_at__isnull', False), ('explained_by__isnull', False), ('explanation__in', ['schedule', 'dashboard', 'shop', 'mirror', 'emergency', 'mistake', 'suspected', 'other']), models.Q(('note', ''), _negated=True)), _connector='OR'), name='explained_action_says_who_and_why'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('external_id', ''), _negated=True), _connector='OR'), name='done_action_says_what_left'), models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('gateway', 'external_id', 'category'), name='what_left_is_recorded_once')],
            },
        ),
        migrations.CreateModel(
            name='BacktestFlip',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('backtest', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='flips', to='policies.backtest')),
                ('decision', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.policydecision')),
                ('old_outcome', models.CharField(max_length=20)),
                ('new_outcome', models.CharField(max_length=20)),
            ],
            options={
                'ordering': ['backtest', 'decision'],
                'constraints': [models.UniqueConstraint(fields=('backtest', 'decision'), name='one_flip_per_decision')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_document_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('scheduled', 'published', 'retired') AND NEW.state <> 'draft' AND (OLD.document, OLD.policy_id, OLD.number, OLD.author_id, OLD.published_by_id, OLD.writer_ids, OLD.what, OLD.why, OLD.impact, OLD.risk_rationale, OLD.change_category, OLD.second_person_id) IS DISTINCT FROM (NEW.document, NEW.policy_id, NEW.number, NEW.author_id, NEW.published_by_id, NEW.writer_ids, NEW.what, NEW.why, NEW.impact, NEW.risk_rationale, NEW.change_category, NEW.second_person_id))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2e3210c47648138a79e650f2d786b19befdc3083', operation='UPDATE', pgid='pgtrigger_published_document_stays_326bc', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='publication_and_review_stay', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired') AND (OLD.published_at IS DISTINCT FROM NEW.published_at OR (OLD.reviewed_at IS NOT NULL AND (OLD.reviewed_at, OLD.reviewed_by_id, OLD.review_note) IS DISTINCT FROM (NEW.reviewed_at, NEW.reviewed_by_id, NEW.review_note))))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5ba25d183351015a172d061c20c717046779daa1', operation='UPDATE', pgid='pgtrigger_publication_and_review_stay_5f4cf', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='writers_stay_writers', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.author_id <> NEW.author_id OR NOT (OLD.writer_ids <@ NEW.writer_ids))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2d07e9a3ef5c050945942c3953e014969791e636', operation='UPDATE', pgid='pgtrigger_writers_stay_writers_5d95b', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_version_stays_published', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired') AND NEW.state <> 'retired' AND NOT (OLD.state = 'published' AND NEW.state = 'published'))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f2c3d5f965214da223d2bb914805482056bc0e1d', operation='UPDATE', pgid='pgtrigger_published_version_stays_published_ab6b7', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_version_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired'))", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d310faab969870dcf0cecf436f7b21068e39c7ca', operation='DELETE', pgid='pgtrigger_published_version_is_never_deleted_ea9ba', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='no_writer_publishes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.published_by_id = ANY (NEW.writer_ids))', func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot publish it';", hash='902f7242c44f59383264c919e1fac761389b5edf', operation='INSERT OR UPDATE', pgid='pgtrigger_no_writer_publishes_3bea2', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='no_writer_reviews', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.reviewed_by_id = ANY (NEW.writer_ids))', func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot review it';", hash='ccc7f27257cba6f7d416bd44bd31dbf2492c2c0f', operation='INSERT OR UPDATE', pgid='pgtrigger_no_writer_reviews_6a943', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modechange',
            trigger=pgtrigger.compiler.Trigger(name='answered_mode_change_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'proposed')", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='fcac53d39f19e768d45c7ee2f02f0733582e8752', operation='UPDATE', pgid='pgtrigger_answered_mode_change_stays_fa0a0', table='policies_modechange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modechange',
            trigger=pgtrigger.compiler.Trigger(name='mode_changes_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='49c71c12158c171c5b3a2ae342a05d688d469f74', operation='DELETE', pgid='pgtrigger_mode_changes_stay_c944a', table='policies_modechange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policydecision',
            trigger=pgtrigger.compiler.Trigger(name='policy_decisions_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8d3c2be7d1df05630635e132a42519e5cd701045', operation='UPDATE OR DELETE', pgid='pgtrigger_policy_decisions_stay_fd921', table='policies_policydecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='versionlog',
            trigger=pgtrigger.compiler.Trigger(name='version_logs_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e68503eb99d1b1ab8eedb49eea6295b1f9fb4da1', operation='UPDATE OR DELETE', pgid='pgtrigger_version_logs_stay_bc070', table='policies_versionlog', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='governedaction',
            trigger=pgtrigger.compiler.Trigger(name='what_was_asked_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."about" IS DISTINCT FROM (NEW."about") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."category" IS DISTINCT FROM (NEW."category") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."destination" IS DISTINCT FROM (NEW."destination") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."is_to_be_executed" IS DISTINCT FROM (NEW."is_to_be_executed") OR OLD."is_ungoverned" IS DISTINCT FROM (NEW."is_ungoverned") OR OLD."requested_by_id" IS DISTINCT FROM (NEW."requested_by_id") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='01c5f7262cd780a6d650f2bbbf55a816e115743e', operation='UPDATE', pgid='pgtrigger_what_was_asked_stays_e8558', table='policies_governedaction', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='governedaction',
            trigger=pgtrigger.compiler.Trigger(name='actions_are_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='09a46d025aef85592e0829f3454347ae04817420', operation='DELETE', pgid='pgtrigger_actions_are_never_deleted_ad353', table='policies_governedaction', when='BEFORE')),
        ),
    ]
