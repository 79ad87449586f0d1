import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("refunds", "0008_recall_an_approval")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="refundrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="exceptions_are_live",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state <> NEW.state AND 'exception_review' IN (OLD.state, NEW.state))",
                    func="PERFORM pg_notify('redress_live', (NEW.team_id)::text); RETURN NULL;",
                    hash="a2646003181fd2c3cf9cc62c7b1b31a9a97aa02b",
                    operation='UPDATE OF "state"',
                    pgid="pgtrigger_exceptions_are_live_48281",
                    table="refunds_refundrequest",
                    when="AFTER",
                ),
            ),
        ),
    ]
