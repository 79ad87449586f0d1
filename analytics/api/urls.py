"""The addresses of analytics below `/api/v1/`."""

from django.urls import path

from . import leakage, remediation, samples, signals

app_name = "analytics_api"

urlpatterns = [
    path("analytics/leakage", leakage.Leakage.as_view(), name="leakage"),
    path("analytics/cycle-time", leakage.CycleTime.as_view(), name="cycle_time"),
    path("analytics/signals", signals.Signals.as_view(), name="signals"),
    path("samples", samples.Samples.as_view(), name="samples"),
    path("remediation-items", remediation.Items.as_view(), name="remediation_items"),
    path("remediation-items/<uuid:item_id>/close", remediation.CloseItem.as_view(), name="close_item"),
]
