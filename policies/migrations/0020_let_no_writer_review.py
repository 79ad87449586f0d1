import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0008_drop_is_active'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='policyversion',
            trigger=pgtrigger.compiler.Trigger(name='no_writer_reviews', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.reviewed_by_id = ANY (NEW.writer_ids))', func="RAISE EXCEPTION 'whoever wrote any of a policy version cannot review it';", hash='ccc7f27257cba6f7d416bd44bd31dbf2492c2c0f', operation='INSERT OR UPDATE', pgid='pgtrigger_no_writer_reviews_6a943', table='policies_policyversion', when='BEFORE')),
        ),
    ]
