"""The addresses of the demo; without DEMO=1 nothing of this folder is installed."""

from __future__ import annotations

from django.urls import path, re_path

from . import sandbox_page, views

app_name = "demo"

urlpatterns = [
    path("", views.chooser, name="chooser"),
    path("become/<slug:username>/", views.become, name="become"),
    re_path("^first-minutes/(?P<word>show|hide)/$", views.lead, name="lead"),
    path("sandbox/", sandbox_page.buttons, name="sandbox"),
    path("sandbox/next/", sandbox_page.arm, name="arm"),
    path("sandbox/refunds/<slug:external_id>/fail/", sandbox_page.fail, name="fail"),
    path("sandbox/payments/<slug:external_id>/complain/", sandbox_page.complain, name="complain"),
]
