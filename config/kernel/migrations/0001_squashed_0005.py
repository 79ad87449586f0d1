"""People, teams, jobs and news, as they stood on 21 November 2026; what older databases went through is replaced by this."""

import config.kernel.ids
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('kernel', '0001_initial'),
        ('kernel', '0002_people_have_a_past'),
        ('kernel', '0003_begin_the_past_of_people'),
        ('kernel', '0004_sign_in_anew'),
        ('kernel', '0005_keep_preferences'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('is_service_account', models.BooleanField(default=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='PersonEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('is_service_account', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=80)),
                ('currency', models.CharField(max_length=3)),
                ('time_zone', models.CharField(default='Europe/London', max_length=64)),
            ],
            options={
                'permissions': [('work_for_team', 'Can work for this team')],
            },
        ),
        migrations.CreateModel(
            name='OutboxRow',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('news', models.CharField(max_length=80)),
                ('task', models.CharField(max_length=160)),
                ('ids', models.JSONField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempt_count', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True, default='')),
            ],
            options={
                'indexes': [models.Index(fields=['due_at', 'id'], name='outbox_due')],
            },
        ),
        migrations.CreateModel(
            name='PersonRole',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('kernel.user_groups',),
        ),
        migrations.CreateModel(
            name='PersonRoleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PersonTeamEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('permission', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('content_object', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='kernel.team')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StoredAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.BinaryField(default=b'')),
                ('content_type', models.CharField(default='', max_length=80)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('caller', 'key'), name='one_answer_per_caller_and_key')],
            },
        ),
        migrations.CreateModel(
            name='TeamGroupObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='kernel.team')),
            ],
            options={
                'abstract': False,
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='TeamUserObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='kernel.team')),
            ],
            options={
                'abstract': False,
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='WrongPassword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tried_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'tried_at'], name='wrong_passwords_lately')],
            },
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='preferences', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('theme', models.CharField(blank=True, choices=[('', 'As this machine has it'), ('light', 'Light'), ('dark', 'Dark')], default='', max_length=8)),
                ('density', models.CharField(blank=True, choices=[('', 'Compact'), ('comfortable', 'Comfortable')], default='', max_length=12)),
                ('letter_keys', models.CharField(blank=True, choices=[('', 'On: J, K, A and the others work the list'), ('off', 'Off: only keys with Ctrl, Tab, Enter and Escape')], default='', max_length=4)),
            ],
            options={
                'verbose_name_plural': 'preferences',
                'constraints': [models.CheckConstraint(condition=models.Q(('theme__in', ['', 'light', 'dark']), ('density__in', ['', 'comfortable']), ('letter_keys__in', ['', 'off'])), name='preferences_are_known')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('digest', models.CharField(max_length=128, primary_key=True, serialize=False)),
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('expiry', models.DateTimeField(blank=True, null=True)),
                ('scopes', models.JSONField(blank=True, default=list)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('step_up_until', models.DateTimeField(blank=True, help_text='Until then its person counts as having just shown who she is.', null=True)),
            ],
            options={
                'swappable': 'KNOX_TOKEN_MODEL',
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.UUIDField(default=config.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12)),
                ('subject_id', models.UUIDField(blank=True, null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(blank=True, null=True)),
                ('result', models.JSONField(blank=True, null=True)),
                ('error', models.TextField(blank=True, default='')),
                ('is_cancel_wanted', models.BooleanField(default=False)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.team')),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personevent" ("first_name", "id", "is_active", "is_service_account", "is_superuser", "last_name", "pgh_created_at", "pgh_label", "username") VALUES (NEW."first_name", NEW."id", NEW."is_active", NEW."is_service_account", NEW."is_superuser", NEW."last_name", NOW(), \'insert\', NEW."username"); RETURN NULL;', hash='4c0447ff52013170f36755d4ac48b17a3acc13af', operation='INSERT', pgid='pgtrigger_insert_insert_8c015', table='kernel_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_service_account" IS DISTINCT FROM (NEW."is_service_account") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."username" IS DISTINCT FROM (NEW."username"))', func='INSERT INTO "kernel_personevent" ("first_name", "id", "is_active", "is_service_account", "is_superuser", "last_name", "pgh_created_at", "pgh_label", "username") VALUES (NEW."first_name", NEW."id", NEW."is_active", NEW."is_service_account", NEW."is_superuser", NEW."last_name", NOW(), \'update\', NEW."username"); RETURN NULL;', hash='4b45b6b087fce5efa98c4a416e9ff7921bae0acc', operation='UPDATE', pgid='pgtrigger_update_update_8932f', table='kernel_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personevent" ("first_name", "id", "is_active", "is_service_account", "is_superuser", "last_name", "pgh_created_at", "pgh_label", "username") VALUES (OLD."first_name", OLD."id", OLD."is_active", OLD."is_service_account", OLD."is_superuser", OLD."last_name", NOW(), \'delete\', OLD."username"); RETURN NULL;', hash='1b2857bd39146f7484d5bb3bfbfb730147d6ea77', operation='DELETE', pgid='pgtrigger_delete_delete_dca59', table='kernel_user', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1fd20ac6eca22c5ef7e529dbe625b2c0c20719c7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9610c', table='kernel_personevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personrole',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personroleevent" ("group_id", "id", "pgh_created_at", "pgh_label", "user_id") VALUES (NEW."group_id", NEW."id", NOW(), \'insert\', NEW."user_id"); RETURN NULL;', hash='3c906383eef22870bd6dd05817e5fe3ba52b7ff5', operation='INSERT', pgid='pgtrigger_insert_insert_8b45b', table='kernel_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personrole',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "kernel_personroleevent" ("group_id", "id", "pgh_created_at", "pgh_label", "user_id") VALUES (NEW."group_id", NEW."id", NOW(), \'update\', NEW."user_id"); RETURN NULL;', hash='fa6677987c304d241d4ceddcf59730600f455d55', operation='UPDATE', pgid='pgtrigger_update_update_f718d', table='kernel_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personrole',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personroleevent" ("group_id", "id", "pgh_created_at", "pgh_label", "user_id") VALUES (OLD."group_id", OLD."id", NOW(), \'delete\', OLD."user_id"); RETURN NULL;', hash='cfc0625e671cee6e86253d8112ca21fa291af063', operation='DELETE', pgid='pgtrigger_delete_delete_61806', table='kernel_user_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personroleevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b33725ad2a201f9b7874ed0cfb0f94cd878221af', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e3c78', table='kernel_personroleevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personteamevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='53b1c1b8eb880895bc1777c2105b26ea8d39f754', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c03fa', table='kernel_personteamevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teamuserobjectpermission',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personteamevent" ("content_object_id", "id", "permission_id", "pgh_created_at", "pgh_label", "user_id") VALUES (NEW."content_object_id", NEW."id", NEW."permission_id", NOW(), \'insert\', NEW."user_id"); RETURN NULL;', hash='081727241f8497ef82716fce59cacacafefcf168', operation='INSERT', pgid='pgtrigger_insert_insert_80402', table='kernel_teamuserobjectpermission', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teamuserobjectpermission',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "kernel_personteamevent" ("content_object_id", "id", "permission_id", "pgh_created_at", "pgh_label", "user_id") VALUES (NEW."content_object_id", NEW."id", NEW."permission_id", NOW(), \'update\', NEW."user_id"); RETURN NULL;', hash='d7e94c71c87533b83f141002fb27aa296124e332', operation='UPDATE', pgid='pgtrigger_update_update_758ea', table='kernel_teamuserobjectpermission', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='teamuserobjectpermission',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "kernel_personteamevent" ("content_object_id", "id", "permission_id", "pgh_created_at", "pgh_label", "user_id") VALUES (OLD."content_object_id", OLD."id", OLD."permission_id", NOW(), \'delete\', OLD."user_id"); RETURN NULL;', hash='f4bf06aa430f475eb55a4248332cfb5928fa897b', operation='DELETE', pgid='pgtrigger_delete_delete_9d990', table='kernel_teamuserobjectpermission', when='AFTER')),
        ),
    ]
