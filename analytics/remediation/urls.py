"""The addresses of remediation."""

from django.urls import path

from . import item_views, views

ONE = "insight/remediation/<uuid:item_id>"

urlpatterns = [
    path("insight/remediation/", views.board, name="remediation"),
    path("insight/remediation/open/", views.open_item, name="open_remediation"),
    path("insight/remediation/review/", views.review, name="remediation_review"),
    path(f"{ONE}/", item_views.one_item, name="remediation_item"),
    path(f"{ONE}/cause/", item_views.find_cause, name="find_cause"),
    path(f"{ONE}/change/", item_views.make_change, name="make_change"),
    path(f"{ONE}/propose/", item_views.propose_closing, name="propose_closing"),
    path(f"{ONE}/confirm/", item_views.confirm_closing, name="confirm_closing"),
    path(f"{ONE}/decline/", item_views.decline_closing, name="decline_closing"),
    path(f"{ONE}/reopen/", item_views.reopen, name="reopen_item"),
    path(f"{ONE}/owner/", item_views.assign_item, name="assign_item"),
    path(f"{ONE}/note/", item_views.note_on_item, name="note_on_item"),
    path(f"{ONE}/evidence/", item_views.attach_to_item, name="attach_to_item"),
]
