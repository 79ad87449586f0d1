"""The addresses of leakage."""

from django.urls import path

from . import behind, pages

urlpatterns = [
    path("insight/leakage/", pages.leakage, name="leakage"),
    path("insight/leakage/rows/", pages.leakage_rows, name="leakage_rows"),
    path("insight/leakage/rows.csv", pages.leakage_rows_csv, name="leakage_rows_csv"),
    path("insight/leakage/captured/", behind.captured, name="captured"),
    path("insight/leakage/late/", behind.late, name="late"),
    path("insight/leakage/by/<slug:by>.csv", pages.leakage_csv, name="leakage_csv"),
    path("insight/leakage/recount/", pages.recount, name="recount"),
    path("insight/leakage/recount/stop/", pages.stop_recount, name="stop_recount"),
]
