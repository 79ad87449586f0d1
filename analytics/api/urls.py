"""The addresses of analytics below `/api/v1/`."""

from django.urls import path

from . import remediation

app_name = "analytics_api"

urlpatterns = [
    path("remediation-items", remediation.Items.as_view(), name="remediation_items"),
    path("remediation-items/<uuid:item_id>/close", remediation.CloseItem.as_view(), name="close_item"),
]
