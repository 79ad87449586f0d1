"""The addresses of policies below `/api/v1/`."""

from django.urls import path

from . import codes, shadow, simulate, templates, verbs, views

app_name = "policies_api"

urlpatterns = [
    path("policies", views.Policies.as_view(), name="policies"),
    path("policies/typed-templates", templates.TypedTemplates.as_view(), name="typed_templates"),
    path("policies/typed-templates/install", templates.InstallTemplate.as_view(), name="install_template"),
    path("policies/reason-codes", codes.ReasonCodes.as_view(), name="reason_codes"),
    path("policies/exception-codes", codes.ExceptionCodes.as_view(), name="exception_codes"),
    path("policies/<slug:slug>", views.OnePolicy.as_view(), name="policy"),
    path("policies/<slug:slug>/matrix", views.Matrix.as_view(), name="matrix"),
    path("policies/<slug:slug>/simulate", simulate.Simulate.as_view(), name="simulate"),
    path("policies/<slug:slug>/shadow", shadow.Shadow.as_view(), name="shadow"),
    path("policies/<slug:slug>/versions/<int:number>", views.OneVersion.as_view(), name="version"),
    path("policies/<slug:slug>/versions/<int:number>/submit", verbs.Submit.as_view(), name="submit"),
    path("policies/<slug:slug>/versions/<int:number>/start-shadow", verbs.StartShadow.as_view(), name="start_shadow"),
    path("policies/<slug:slug>/versions/<int:number>/publish", verbs.Publish.as_view(), name="publish"),
    path("policies/<slug:slug>/versions/<int:number>/retire", verbs.Retire.as_view(), name="retire"),
    path("policies/<slug:slug>/versions/<int:number>/review", verbs.Review.as_view(), name="review"),
]
