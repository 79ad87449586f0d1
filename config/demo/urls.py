"""The addresses of the demo; without DEMO=1 nothing of this folder is installed."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "demo"

urlpatterns = [
    path("", views.chooser, name="chooser"),
    path("become/<slug:username>/", views.become, name="become"),
]
