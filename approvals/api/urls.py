"""The addresses of approvals below `/api/v1/`."""

from django.urls import path

from . import views

app_name = "approvals_api"

urlpatterns = [
    path("approvals", views.Approvals.as_view(), name="approvals"),
    path("approvals/<uuid:step_id>/lease", views.Lease.as_view(), name="lease"),
    path("approvals/<uuid:step_id>/release", views.Release.as_view(), name="release"),
]
