"""The addresses of policies outside the admin site."""

from django.urls import path

from .views import actions, dead_ends

app_name = "policies"

urlpatterns = [
    path("dead-ends/", dead_ends.dead_ends, name="dead_ends"),
    path("actions/", actions.actions, name="actions"),
    path("actions/<str:reference>/", actions.action, name="action"),
    path("actions/<str:reference>/panel/", actions.panel, name="action_panel"),
    path("actions/<str:reference>/approve/", actions.approve, name="approve_action"),
    path("actions/<str:reference>/decline/", actions.decline, name="decline_action"),
    path("actions/<str:reference>/explain/", actions.explain_action, name="explain_action"),
]
