"""The addresses of analytics."""

from django.urls import path

from . import code_pages, views
from .leakage import urls as leakage
from .patterns import pages, verbs
from .remediation import urls as remediation
from .sampling import urls as sampling
from .scorecards import pages as scorecards

app_name = "analytics"

urlpatterns = [
    *leakage.urlpatterns,
    *remediation.urlpatterns,
    *sampling.urlpatterns,
    path("insight/", views.dashboard, name="dashboard"),
    path("insight/codes/", code_pages.catalogue, name="codes"),
    path("insight/codes/<slug:kind>.csv", code_pages.catalogue_csv, name="codes_csv"),
    path("insight/codes/<slug:kind>/<slug:code>/", code_pages.code, name="code"),
    path("insight/patterns/", pages.overview, name="patterns"),
    path("insight/patterns/reading", verbs.reading, name="pattern_reading"),
    path("insight/patterns/read", verbs.read, name="read_patterns"),
    path("insight/patterns/stop", verbs.stop, name="stop_patterns"),
    path("insight/signals/<uuid:standing_id>/look", verbs.look_into, name="look_into_signal"),
    path("insight/patterns/<slug:pattern>/", pages.one_kind, name="pattern"),
    path("insight/patterns/<slug:pattern>.csv", pages.rows_csv, name="pattern_csv"),
    path("insight/scorecards/", scorecards.scorecards, name="scorecards"),
    path("insight/scorecards/<uuid:scorecard_id>/", scorecards.scorecard, name="scorecard"),
    path("insight/<slug:measure>.csv", views.measure_csv, name="measure_csv"),
]
