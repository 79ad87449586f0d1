"""The addresses of evidence below `/api/v1/`."""

from django.urls import path

from . import checkpoints, refusals

app_name = "evidence_api"

urlpatterns = [
    path("refusals", refusals.Refusals.as_view(), name="refusals"),
    path("ledger/checkpoints", checkpoints.Checkpoints.as_view(), name="checkpoints"),
]
