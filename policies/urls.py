"""The addresses of policies outside the admin site."""

from django.urls import path

from .views import dead_ends

app_name = "policies"

urlpatterns = [
    path("dead-ends/", dead_ends.dead_ends, name="dead_ends"),
]
