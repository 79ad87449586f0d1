"""The addresses of policies below `/api/v1/`."""

from django.urls import path

from . import views

app_name = "policies_api"

urlpatterns = [
    path("policies", views.Policies.as_view(), name="policies"),
    path("policies/<slug:slug>", views.OnePolicy.as_view(), name="policy"),
    path("policies/<slug:slug>/matrix", views.Matrix.as_view(), name="matrix"),
    path("policies/<slug:slug>/versions/<int:number>", views.OneVersion.as_view(), name="version"),
]
