"""The addresses of quality sampling."""

from django.urls import path

from . import views

ONE = "insight/samples/<uuid:sample_id>"

urlpatterns = [
    path("insight/samples/", views.samples, name="samples"),
    path(f"{ONE}/", views.one_sample, name="sample"),
    path(f"{ONE}/<int:place>/", views.second_look, name="second_look"),
    path(f"{ONE}/<int:place>/look/", views.look_again, name="look_again"),
    path(f"{ONE}/<int:place>/finding/", views.note_finding, name="note_finding"),
]
