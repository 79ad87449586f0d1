import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0003_fill_writers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='policyversion',
            name='published_document_stays',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_document_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('scheduled', 'published', 'retired') AND NEW.state <> 'draft' AND (OLD.document, OLD.policy_id, OLD.number, OLD.author_id, OLD.published_by_id, OLD.writer_ids, OLD.what, OLD.why, OLD.impact, OLD.risk_rationale, OLD.change_category, OLD.second_person_id) IS DISTINCT FROM (NEW.document, NEW.policy_id, NEW.number, NEW.author_id, NEW.published_by_id, NEW.writer_ids, NEW.what, NEW.why, NEW.impact, NEW.risk_rationale, NEW.change_category, NEW.second_person_id))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2e3210c47648138a79e650f2d786b19befdc3083', operation='UPDATE', pgid='pgtrigger_published_document_stays_326bc', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_version_stays_published', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('published', 'retired') AND NEW.state <> 'retired' AND NOT (OLD.state = 'published' AND NEW.state = 'published'))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f2c3d5f965214da223d2bb914805482056bc0e1d', operation='UPDATE', pgid='pgtrigger_published_version_stays_published_ab6b7', table='policies_policyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='no_writer_publishes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.published_by_id = ANY (NEW.writer_ids))', func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot publish it';", hash='902f7242c44f59383264c919e1fac761389b5edf', operation='INSERT OR UPDATE', pgid='pgtrigger_no_writer_publishes_3bea2', table='policies_policyversion', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'scheduled')), fields=('policy',), name='one_scheduled_version_per_policy'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'shadow')), fields=('policy',), name='one_version_in_shadow_per_policy'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'in_review', 'shadow', 'scheduled', 'published', 'retired'])), name='version_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['scheduled', 'published', 'retired']), _negated=True), ('published_by__isnull', False), _connector='OR'), name='published_version_names_its_publisher'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['published', 'retired']), _negated=True), ('published_at__isnull', False), _connector='OR'), name='published_version_says_since_when'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'scheduled'), _negated=True), ('publish_at__isnull', False), _connector='OR'), name='scheduled_version_says_from_when'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('change_category', 'emergency'), ('state__in', ['published', 'retired']), _negated=True), models.Q(('published_by', models.F('second_person')), ('review_due_at__isnull', False)), _connector='OR'), name='emergency_is_published_by_the_person_it_names'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), models.Q(models.Q(('reviewed_by', models.F('author')), _negated=True), models.Q(('reviewed_by', models.F('published_by')), _negated=True)), _connector='OR'), name='emergency_is_reviewed_by_a_third_person'),
        ),
    ]
