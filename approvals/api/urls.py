"""The addresses of approvals below `/api/v1/`."""

from django.urls import path

from . import delegations, freezes, views

app_name = "approvals_api"

urlpatterns = [
    path("approvals", views.Approvals.as_view(), name="approvals"),
    path("approvals/<uuid:step_id>/lease", views.Lease.as_view(), name="lease"),
    path("approvals/<uuid:step_id>/release", views.Release.as_view(), name="release"),
    path("freezes", freezes.Freezes.as_view(), name="freezes"),
    path("freezes/<uuid:switch_id>", freezes.OneFreeze.as_view(), name="freeze"),
    path("delegations", delegations.Delegations.as_view(), name="delegations"),
    path("delegations/<uuid:delegation_id>/accept", delegations.Accept.as_view(), name="accept_delegation"),
    path("delegations/<uuid:delegation_id>/decline", delegations.Decline.as_view(), name="decline_delegation"),
    path("delegations/<uuid:delegation_id>/end", delegations.End.as_view(), name="end_delegation"),
]
