from django.db import migrations

FILL = """
    UPDATE refunds_payment AS payment SET elsewhere_minor = told.minor
      FROM (SELECT gateway, about, currency, sum(amount_minor) AS minor FROM policies_governedaction
             WHERE category = 'refund' AND external_id <> '' AND state IN ('done', 'observed', 'explained')
             GROUP BY gateway, about, currency) AS told
     WHERE (payment.gateway, payment.external_id, payment.currency) = (told.gateway, told.about, told.currency)
       AND payment.elsewhere_minor = 0
"""
"""What processors showed; what only a shop told of counts with the next news of its order."""


class Migration(migrations.Migration):
    """Take off what already left elsewhere."""

    dependencies = [
        ("policies", "0025_govern_other_actions"),
        ("refunds", "0028_count_what_left_elsewhere"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
