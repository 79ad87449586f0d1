"""The ledger, files, messages and proofs, as they stood on 21 November 2026; what older databases went through is replaced by this."""

import config.kernel.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('evidence', '0001_initial'),
        ('evidence', '0002_attachment_signals'),
        ('evidence', '0003_salts'),
        ('evidence', '0004_know_proof_of_the_bank'),
        ('evidence', '0005_demand_evidence'),
        ('evidence', '0006_scans_and_sensitive_kinds'),
        ('evidence', '0007_checkpoints'),
        ('evidence', '0008_reuse_of_pictures'),
        ('evidence', '0009_forget_files_and_messages'),
        ('evidence', '0010_review_messages'),
        ('evidence', '0011_write_message_texts'),
        ('evidence', '0012_know_the_text_of_a_message'),
        ('evidence', '0013_keep_bundles'),
        ('evidence', '0014_name_message_texts'),
        ('evidence', '0015_tell_of_other_ways'),
    ]

    initial = True

    dependencies = [
        ('kernel', '0001_squashed_0005'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceRequirement',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('point', models.CharField(choices=[('request', 'Request'), ('exception', 'Exception'), ('approval', 'Approval'), ('policy_change', 'Policy change'), ('emergency_change', 'Emergency change'), ('payout', 'Payout'), ('message', 'Message to the customer'), ('remediation_closure', 'Closing a remediation item')], max_length=24, verbose_name='decision point')),
                ('artifact', models.CharField(choices=[('photo', 'Photo'), ('receipt', 'Receipt'), ('carrier_proof', 'Proof from the carrier'), ('customer_message', 'Message from the customer'), ('bank_proof', 'Proof from the bank'), ('identity_document', 'Identity document'), ('other', 'Other file'), ('customer_statement', 'What the customer says'), ('policy_check', 'Policy check'), ('exception_record', 'Exception record'), ('rationale', 'Rationale'), ('approval_record', 'Approval record'), ('second_signature', 'Second signature'), ('execution_record', 'Execution record'), ('message_copy', 'Copy of the message'), ('message_review', 'Review of the message'), ('message_text', 'Edition the message was written from'), ('backtest', 'Backtest of this document'), ('shadow_run', 'Run in shadow'), ('version_log', 'Version log'), ('reader_after', 'Reader afterwards'), ('closure_evidence', 'Proof that it was done'), ('effect_check', 'Check of the effect')], max_length=24)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('category', models.CharField(blank=True, default='', max_length=32)),
                ('reason', models.CharField(blank=True, default='', max_length=40)),
                ('exception_code', models.CharField(blank=True, default='', max_length=40)),
                ('method', models.CharField(blank=True, default='', max_length=16, verbose_name='payout method')),
                ('above_minor', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(blank=True, default='', max_length=3)),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
                ('why', models.CharField(max_length=400, verbose_name='why, or by which rule')),
                ('owner', models.CharField(help_text='The team that answers for this demand.', max_length=80)),
            ],
            options={
                'ordering': ['point', 'artifact', 'reason', 'exception_code', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('point__in', ['request', 'exception', 'approval', 'policy_change', 'emergency_change', 'payout', 'message', 'remediation_closure'])), name='requirement_point_is_known'), models.CheckConstraint(condition=models.Q(('artifact__in', ['photo', 'receipt', 'carrier_proof', 'customer_message', 'bank_proof', 'identity_document', 'other', 'customer_statement', 'policy_check', 'exception_record', 'rationale', 'approval_record', 'second_signature', 'execution_record', 'message_copy', 'message_review', 'message_text', 'backtest', 'shadow_run', 'version_log', 'reader_after', 'closure_evidence', 'effect_check'])), name='requirement_artifact_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('above_minor__isnull', True), ('currency', '')), models.Q(('above_minor__gte', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='requirement_amount_has_a_currency'), models.CheckConstraint(condition=models.Q(('why__regex', '\\S')), name='requirement_says_why'), models.CheckConstraint(condition=models.Q(('owner__regex', '\\S')), name='requirement_has_an_owner'), models.UniqueConstraint(fields=('point', 'artifact', 'team', 'category', 'reason', 'exception_code', 'method', 'above_minor', 'currency'), name='requirement_stands_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('seq', models.PositiveIntegerField(db_default=0, editable=False)),
                ('kind', models.CharField(max_length=80)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('machine', models.CharField(blank=True, default='', max_length=40)),
                ('acting_for', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('sentence', models.TextField()),
                ('payload', models.TextField()),
                ('prev_hash', models.BinaryField(db_default=b'')),
                ('hash', models.BinaryField(db_default=b'')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_id', 'seq'), name='ledger_entry_has_one_place_in_its_chain'), models.CheckConstraint(condition=models.Q(models.Q(('actor__isnull', False), ('machine', '')), models.Q(('actor__isnull', True), models.Q(('machine', ''), _negated=True)), _connector='OR'), name='ledger_entry_has_one_actor'), models.CheckConstraint(condition=models.Q(('seq__gte', 1)), name='ledger_entry_is_chained')],
            },
        ),
        migrations.CreateModel(
            name='MessageTemplate',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('event', models.CharField(choices=[('refund_approved', 'the refund is approved'), ('refund_declined', 'the refund is declined'), ('refund_paid', 'the money is on its way'), ('acquirer_reference', 'how the bank finds the refund'), ('refund_failed_contact', 'the payment did not arrive'), ('refund_other_way', 'the money comes another way'), ('store_credit_given', 'the store credit and its balance'), ('more_information', 'a question')], max_length=40)),
                ('language', models.CharField(choices=[('en', 'English'), ('de', 'German')], max_length=10)),
                ('channel', models.CharField(choices=[('mail', 'Mail')], default='mail', max_length=8)),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'Waits for a second person'), ('published', 'In use'), ('retired', 'Retired')], default='draft', max_length=12)),
                ('subject_line', models.CharField(max_length=150)),
                ('body', models.TextField()),
                ('what', models.CharField(blank=True, default='', max_length=400, verbose_name='what changes, and why')),
                ('is_supplied', models.BooleanField(default=False, editable=False)),
                ('writer_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'message text',
                'verbose_name_plural': 'message texts',
                'ordering': ['event', 'language', 'channel', '-number'],
                'permissions': [('publish_messagetemplate', 'Can publish a message text written by somebody else')],
                'constraints': [models.UniqueConstraint(fields=('event', 'language', 'channel', 'number'), name='one_edition_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('event', 'language', 'channel'), name='one_edition_in_use'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'in_review'])), fields=('event', 'language', 'channel'), name='one_edition_in_the_making'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review', 'published', 'retired'])), name='edition_state_is_known'), models.CheckConstraint(condition=models.Q(('event__in', ['refund_approved', 'refund_declined', 'refund_paid', 'acquirer_reference', 'refund_failed_contact', 'refund_other_way', 'store_credit_given', 'more_information'])), name='edition_event_is_known'), models.CheckConstraint(condition=models.Q(('language__in', ['en', 'de'])), name='edition_language_is_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['mail'])), name='edition_channel_is_known'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review']), models.Q(('is_supplied', False), ('published_at__isnull', False), ('published_by__isnull', False)), models.Q(('is_supplied', True), ('number', 1), ('published_at__isnull', False), ('published_by__isnull', True)), _connector='OR'), name='edition_in_use_names_its_publisher'), models.CheckConstraint(condition=models.Q(('is_supplied', True), ('writer_ids__len__gt', 0), _connector='OR'), name='edition_has_a_writer')],
            },
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('key_id', models.CharField(max_length=8, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('public_key', models.BinaryField()),
                ('since', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at__isnull', True)), fields=('retired_at',), name='one_key_signs_at_a_time', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='SubjectSalt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('salt', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_id'), name='subject_has_one_salt')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('kind', models.CharField(choices=[('photo', 'Photo'), ('receipt', 'Receipt'), ('carrier_proof', 'Proof from the carrier'), ('customer_message', 'Message from the customer'), ('bank_proof', 'Proof from the bank'), ('identity_document', 'Identity document'), ('other', 'Other')], max_length=20)),
                ('name', models.CharField(max_length=120)),
                ('media_type', models.CharField(max_length=40)),
                ('original', models.FileField(max_length=200, upload_to='')),
                ('shown', models.FileField(blank=True, max_length=200, upload_to='')),
                ('sha256', models.CharField(max_length=64)),
                ('size_bytes', models.PositiveIntegerField()),
                ('width_px', models.PositiveIntegerField()),
                ('height_px', models.PositiveIntegerField()),
                ('page_count', models.PositiveSmallIntegerField(default=1)),
                ('taken_on', models.DateField(blank=True, null=True)),
                ('camera', models.CharField(blank=True, default='', max_length=80)),
                ('software', models.CharField(blank=True, default='', max_length=80)),
                ('has_gps', models.BooleanField(default=False)),
                ('scan_state', models.CharField(choices=[('unscanned', 'Not scanned'), ('waiting', 'Waits for the virus scan'), ('clean', 'Scanned'), ('infected', 'Quarantined')], default='unscanned', max_length=10)),
                ('infection', models.CharField(blank=True, default='', max_length=120)),
                ('scanned_at', models.DateTimeField(blank=True, null=True)),
                ('compared_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('added_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'permissions': [('view_sensitive_attachment', 'Can view identity documents and the like')],
                'indexes': [models.Index(fields=['team', 'added_at'], name='attachment_team_day'), models.Index(fields=['sha256'], name='attachment_bytes'), models.Index(condition=models.Q(('compared_at', None)), fields=['added_at'], name='attachment_uncompared'), models.Index(condition=models.Q(('scan_state', 'waiting')), fields=['added_at'], name='attachment_waits')],
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject_id', 'sha256'), name='attachment_is_held_once_per_subject'), models.CheckConstraint(condition=models.Q(('kind__in', ['photo', 'receipt', 'carrier_proof', 'customer_message', 'bank_proof', 'identity_document', 'other'])), name='attachment_kind_is_known'), models.CheckConstraint(condition=models.Q(('scan_state__in', ['unscanned', 'waiting', 'clean', 'infected'])), name='attachment_scan_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Bundle',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('request', 'One request'), ('population', 'A population')], max_length=10)),
                ('subject_kind', models.CharField(blank=True, default='', max_length=40)),
                ('subject_id', models.UUIDField(blank=True, null=True)),
                ('title', models.CharField(max_length=200)),
                ('parameters', models.JSONField(default=dict)),
                ('team_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='Whose evidence is in it, once it is built.', size=None)),
                ('rights', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, help_text='What it takes to see all in it.', size=None)),
                ('has_files', models.BooleanField(default=False)),
                ('known_checkpoint', models.BigIntegerField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField()),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.job')),
                ('file', models.FileField(blank=True, max_length=200, upload_to='')),
                ('size_bytes', models.BigIntegerField(default=0)),
                ('manifest_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('built_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'permissions': [('view_population', 'Can take the evidence of a population of requests home')],
                'indexes': [models.Index(fields=['asked_by', '-asked_at', '-id'], name='bundle_of_person'), models.Index(condition=models.Q(('expires_at__isnull', False), ('removed_at__isnull', True)), fields=['expires_at'], name='bundle_to_remove')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['request', 'population'])), name='bundle_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'request'), _negated=True), ('subject_id__isnull', False), _connector='OR'), name='bundle_of_a_request_names_it')],
            },
        ),
        migrations.CreateModel(
            name='CheckpointNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('place', models.BigIntegerField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'place'), name='node_has_one_place')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('previous', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.signingkey')),
                ('note', models.TextField()),
                ('settled_id', models.BigIntegerField()),
                ('closes_on', models.DateField(blank=True, null=True, unique=True)),
            ],
            options={
                'indexes': [models.Index(fields=['size', 'number'], name='checkpoint_by_size')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='checkpoint_counts_from_one'), models.CheckConstraint(condition=models.Q(('size__gte', 1)), name='checkpoint_covers_something'), models.UniqueConstraint(fields=('previous',), name='checkpoint_has_one_successor')],
            },
        ),
        migrations.CreateModel(
            name='CheckpointLeaf',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='leaf', to='evidence.ledgerentry')),
                ('entry_hash', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('position__gte', 0)), name='leaf_position_counts_from_zero')],
            },
        ),
        migrations.CreateModel(
            name='CustomerMessage',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField()),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('reference', models.CharField(max_length=40)),
                ('page', models.CharField(blank=True, default='', max_length=200)),
                ('template', models.CharField(max_length=40)),
                ('language', models.CharField(max_length=10)),
                ('wanted_language', models.CharField(blank=True, default='', help_text='What the customer speaks, as far as we know.', max_length=35)),
                ('edition', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.messagetemplate')),
                ('to', models.EmailField(blank=True, default='', max_length=254)),
                ('customer', models.CharField(blank=True, default='', max_length=200)),
                ('subject_line', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('closing', models.TextField(blank=True, default='', help_text='The end of the body that nobody edits.')),
                ('body_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('channel', models.CharField(choices=[('mail', 'Mail')], default='mail', max_length=8)),
                ('state', models.CharField(choices=[('drafted', 'Sent back to be rewritten'), ('in_review', 'Waits for review'), ('approved', 'Waiting to be sent'), ('sent', 'Sent'), ('kept', 'Kept here, not sent'), ('failed', 'Could not be sent'), ('unknown', 'Perhaps sent'), ('dropped', 'Not sent, not needed any more')], default='approved', max_length=12)),
                ('needs_review', models.BooleanField(default=False)),
                ('decider_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('is_edited', models.BooleanField(default=False, help_text='The reviewer changed the text before approving it.')),
                ('review_note', models.CharField(blank=True, default='', max_length=400)),
                ('written_at', models.DateTimeField()),
                ('attempt_count', models.PositiveIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(blank=True, help_text='Set while a worker talks to the mail server.', null=True)),
                ('failure', models.CharField(blank=True, default='', max_length=400)),
                ('is_address_refused', models.BooleanField(default=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('erased_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'permissions': [('review_customermessage', 'Can review messages to customers'), ('redraft_customermessage', 'Can rewrite a message to a customer that was sent back'), ('retry_customermessage', 'Can send a failed message again')],
                'indexes': [models.Index(fields=['team', '-written_at', '-id'], name='message_newest_of_team'), models.Index(fields=['subject_kind', 'subject_id'], name='message_of_subject'), models.Index(fields=['reference'], name='message_by_reference'), models.Index(condition=models.Q(('state__in', ['drafted', 'in_review', 'failed', 'unknown'])), fields=['team', 'written_at', 'id'], name='message_waits_for_somebody')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'in_review', 'approved', 'sent', 'kept', 'failed', 'unknown', 'dropped'])), name='message_state_is_known'), models.CheckConstraint(condition=models.Q(('channel__in', ['mail'])), name='message_channel_is_known'), models.CheckConstraint(condition=models.Q(('needs_review', False), ('state__in', ['drafted', 'in_review', 'dropped']), ('reviewed_by__isnull', False), _connector='OR'), name='message_leaves_reviewed'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='message_review_has_its_time')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentFingerprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fingerprints', to='evidence.attachment')),
                ('turn', models.PositiveSmallIntegerField(choices=[(0, 'As it stands'), (1, 'Mirrored'), (2, 'Turned a quarter'), (3, 'Turned a half'), (4, 'Turned three quarters'), (5, 'Without its edges')])),
                ('phash', models.BigIntegerField()),
                ('dhash', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('attachment', 'turn'), name='fingerprint_is_kept_once_per_turn'), models.CheckConstraint(condition=models.Q(('turn__in', [0, 1, 2, 3, 4, 5])), name='fingerprint_turn_is_known')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentReuse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='evidence.attachment')),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='evidence.attachment')),
                ('likelihood', models.CharField(choices=[('exact', 'The same file'), ('likely', 'Likely the same photo'), ('possible', 'Unlikely, but possibly the same photo')], max_length=10)),
                ('phash_bits', models.PositiveSmallIntegerField()),
                ('dhash_bits', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('later', 'earlier'), name='reuse_is_kept_once'), models.CheckConstraint(condition=models.Q(('likelihood__in', ['exact', 'likely', 'possible'])), name='reuse_likelihood_is_known')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='views', to='evidence.attachment')),
                ('viewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('page', models.PositiveSmallIntegerField(default=1)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='BundleDownload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bundle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to='evidence.bundle')),
                ('taken_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CheckpointErrand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checkpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='errands', to='evidence.checkpoint')),
                ('kind', models.CharField(choices=[('copy', 'Copy'), ('stamp', 'Time stamp')], max_length=5)),
                ('next_at', models.DateTimeField()),
                ('try_count', models.PositiveIntegerField(default=0)),
                ('problem', models.CharField(blank=True, default='', max_length=300)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('place', models.CharField(blank=True, default='', max_length=300)),
                ('token', models.BinaryField(blank=True, default=b'')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['next_at'], name='errand_to_do')],
                'constraints': [models.UniqueConstraint(fields=('checkpoint', 'kind'), name='checkpoint_is_sent_once_a_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['copy', 'stamp'])), name='errand_kind_is_known')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='chain_entry', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE last_seq integer; last_hash bytea;', func="\n        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.subject_kind || ':' || NEW.subject_id, 0));\n        SELECT seq, hash INTO last_seq, last_hash FROM evidence_ledgerentry\n            WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id\n            ORDER BY seq DESC LIMIT 1;\n        NEW.seq := coalesce(last_seq, 0) + 1;\n        NEW.prev_hash := coalesce(\n            last_hash, sha256(convert_to(NEW.subject_kind || ':' || NEW.subject_id, 'UTF8'))\n        );\n        NEW.hash := sha256(\n            decode('00', 'hex') || NEW.prev_hash || int4send(NEW.seq) || convert_to(NEW.payload, 'UTF8')\n        );\n        NEW.recorded_at := clock_timestamp();\n        RETURN NEW;\n    ", hash='d67d5cf90e2cef7efa1fa4b84ff3afa035f6b4cd', operation='INSERT', pgid='pgtrigger_chain_entry_09c2e', table='evidence_ledgerentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The ledger is append-only: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='25b3de90a74725f8a367f0dbedc10c30a2c28bac', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_b36c9', table='evidence_ledgerentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgerentry',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The ledger is append-only: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='a941abd8191dbd0bf3a647d0ae1a4e4727b5c992', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_0a049', table='evidence_ledgerentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='no_writer_publishes_an_edition', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.published_by_id = ANY (NEW.writer_ids))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert or update rows from % table', TG_TABLE_NAME;", hash='1a3fbe5deb4c73dc751d2b839098bc9eb4091b10', operation='INSERT OR UPDATE', pgid='pgtrigger_no_writer_publishes_an_edition_5d032', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='edition_writers_stay_writers', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD.writer_ids <@ NEW.writer_ids) OR OLD.is_supplied <> NEW.is_supplied)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='23616df9530b481ea1e7e590019fa8b557661dfd', operation='UPDATE', pgid='pgtrigger_edition_writers_stay_writers_99284', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='published_edition_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired') AND (NEW.state IN ('draft', 'in_review') OR (OLD.state = 'retired' AND NEW.state <> 'retired') OR (OLD.event, OLD.language, OLD.channel, OLD.number, OLD.subject_line, OLD.body, OLD.what, OLD.writer_ids, OLD.published_by_id, OLD.published_at) IS DISTINCT FROM (NEW.event, NEW.language, NEW.channel, NEW.number, NEW.subject_line, NEW.body, NEW.what, NEW.writer_ids, NEW.published_by_id, NEW.published_at)))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0b830ef2eed62c39c2e557a92984adee33b18300', operation='UPDATE', pgid='pgtrigger_published_edition_stays_21e73', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='edition_in_review_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state = 'in_review' AND (OLD.subject_line, OLD.body) IS DISTINCT FROM (NEW.subject_line, NEW.body))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='86623102642df68a1cf443a448aca54355bf5733', operation='UPDATE', pgid='pgtrigger_edition_in_review_stays_cf97e', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='edition_is_published_from_review', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'in_review'))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='58b61e39e3096afe403dbd20ed50c8a6caad9d4e', operation='UPDATE', pgid='pgtrigger_edition_is_published_from_review_05707', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagetemplate',
            trigger=pgtrigger.compiler.Trigger(name='published_edition_is_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired'))", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c8f71277f95ab722e70877f563739df5678a42ab', operation='DELETE', pgid='pgtrigger_published_edition_is_never_deleted_34117', table='evidence_messagetemplate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingkey',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF TG_OP = 'UPDATE' AND OLD.retired_at IS NULL AND (OLD.key_id, OLD.name, OLD.public_key, OLD.since)\n                        = (NEW.key_id, NEW.name, NEW.public_key, NEW.since)\n                    THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'The list of keys only grows: % was refused.', TG_OP\n                        USING ERRCODE = 'restrict_violation';\n                ", hash='dc4332f1b63c0a96cd58b18b4bcd4cdfe67ff87d', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_65d34', table='evidence_signingkey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signingkey',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of keys only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='17fd6767190e5d3360a48f2a57bdf3bd6ec17fd0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_14bcf', table='evidence_signingkey', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpointnode',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The tree only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='7a6390a5e44a1d6ac7a2536e3b9273f4fc56ccf0', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_726a8', table='evidence_checkpointnode', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpointnode',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The tree only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='731a0e3ec0f89286c8f14bc4c255e361d151db6d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_60818', table='evidence_checkpointnode', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpoint',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of checkpoints only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='93996652c67e9078f22e3f7527a40c125ed967e9', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_f9f3d', table='evidence_checkpoint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpoint',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of checkpoints only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='4ba3d7583727f8f31e3a1444fcd3ec83e980b477', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_625d7', table='evidence_checkpoint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpointleaf',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of leaves only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='b9c42e523c340f9eb59ba6a3940634672da40221', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_a7a9c', table='evidence_checkpointleaf', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkpointleaf',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of leaves only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='b57245556af2af1a566710efea0365dd280918b4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_a4f65', table='evidence_checkpointleaf', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customermessage',
            trigger=pgtrigger.compiler.Trigger(name='message_has_four_eyes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.reviewed_by_id = ANY (NEW.decider_ids))', func="RAISE EXCEPTION 'pgtrigger: Cannot insert or update rows from % table', TG_TABLE_NAME;", hash='9eb0923fbc3b63701ec12ac08443e55988be70bd', operation='INSERT OR UPDATE', pgid='pgtrigger_message_has_four_eyes_ca4d6', table='evidence_customermessage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customermessage',
            trigger=pgtrigger.compiler.Trigger(name='deciders_stay_deciders', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD.decider_ids <@ NEW.decider_ids))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='9ac3422d8e87d3ba4b10e97fc86e2c1a6a5403e0', operation='UPDATE', pgid='pgtrigger_deciders_stay_deciders_b321d', table='evidence_customermessage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customermessage',
            trigger=pgtrigger.compiler.Trigger(name='sent_copy_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('sent', 'kept') AND ((OLD.state, OLD.reviewed_by_id, OLD.edition_id, OLD.language) IS DISTINCT FROM (NEW.state, NEW.reviewed_by_id, NEW.edition_id, NEW.language) OR (OLD.subject_line, OLD.body, OLD.body_sha256) IS DISTINCT FROM (NEW.subject_line, NEW.body, NEW.body_sha256) AND NOT (NEW.erased_at IS NOT NULL AND NEW.body = '' AND NEW.body_sha256 = '')))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='06860d1c170b992a2bff88c237983da55ac2074f', operation='UPDATE', pgid='pgtrigger_sent_copy_stays_4b50e', table='evidence_customermessage', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bundledownload',
            trigger=pgtrigger.compiler.Trigger(name='refuse_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of downloads only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='0b087bb56b29ac66fef66c6e2cdcca7fb047c5ce', operation='UPDATE OR DELETE', pgid='pgtrigger_refuse_change_21ac3', table='evidence_bundledownload', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bundledownload',
            trigger=pgtrigger.compiler.Trigger(name='refuse_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'The list of downloads only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';", hash='c584d9c4a9b7486732bc0cf7d463ec6b749eca95', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_refuse_truncate_7dc82', table='evidence_bundledownload', when='BEFORE')),
        ),
    ]
