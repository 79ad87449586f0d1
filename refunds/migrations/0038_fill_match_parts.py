from django.db import migrations

FILL = """
    UPDATE refunds_match AS part SET line_minor = -line.gross_minor, amount_minor = operation.amount_minor
      FROM refunds_statementline AS line, refunds_operation AS operation
     WHERE line.id = part.line_id AND operation.id = part.operation_id AND part.line_minor IS NULL
"""


class Migration(migrations.Migration):
    """Say of every match so far that it is of the whole line and the whole operation."""

    dependencies = [("refunds", "0037_match_in_parts")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
