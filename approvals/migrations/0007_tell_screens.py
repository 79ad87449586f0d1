import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("approvals", "0006_freeze_stop_tells_where")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="approvalroute",
            trigger=pgtrigger.compiler.Trigger(
                name="routes_are_live",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM pg_notify('redress_live', (NEW.team_id)::text); RETURN NULL;",
                    hash="669fe3323107ec2645a0137beb5ed414c3f1a0a1",
                    operation='INSERT OR UPDATE OF "state", "current_level", "current_role", "open_roles", "due_at"',
                    pgid="pgtrigger_routes_are_live_7a0b0",
                    table="approvals_approvalroute",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approvalstep",
            trigger=pgtrigger.compiler.Trigger(
                name="holders_are_live",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.leased_by_id IS DISTINCT FROM OLD.leased_by_id)",
                    func="PERFORM pg_notify('redress_live', ((SELECT team_id FROM approvals_approvalroute WHERE id = NEW.route_id))::text); RETURN NULL;",
                    hash="e5e20fa23d2e26bf3ac4e803073a3e9e50874668",
                    operation='UPDATE OF "leased_by_id"',
                    pgid="pgtrigger_holders_are_live_7f7a2",
                    table="approvals_approvalstep",
                    when="AFTER",
                ),
            ),
        ),
    ]
