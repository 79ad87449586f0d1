"""The addresses of policies below `/api/v1/`."""

from django.urls import path

from . import templates, views

app_name = "policies_api"

urlpatterns = [
    path("policies", views.Policies.as_view(), name="policies"),
    path("policies/typed-templates", templates.TypedTemplates.as_view(), name="typed_templates"),
    path("policies/typed-templates/install", templates.InstallTemplate.as_view(), name="install_template"),
    path("policies/<slug:slug>", views.OnePolicy.as_view(), name="policy"),
    path("policies/<slug:slug>/matrix", views.Matrix.as_view(), name="matrix"),
    path("policies/<slug:slug>/versions/<int:number>", views.OneVersion.as_view(), name="version"),
]
