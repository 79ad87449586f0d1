"""The addresses of analytics."""

from django.urls import path

from . import views

app_name = "analytics"

urlpatterns = [
    path("insight/", views.dashboard, name="dashboard"),
    path("insight/<slug:measure>.csv", views.measure_csv, name="measure_csv"),
]
