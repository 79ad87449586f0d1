"""The addresses of approvals."""

from django.urls import path

from .views import access_review, authority, delegations, desk, freezes, limit_changes, notices, queue

app_name = "approvals"

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", desk.claim_next, name="claim_next"),
    path("queue/columns/", desk.choose_columns, name="choose_columns"),
    path("queue/views/", desk.save_view, name="save_view"),
    path("queue/views/<uuid:view_id>/rename/", desk.rename_view, name="rename_view"),
    path("queue/views/<uuid:view_id>/delete/", desk.delete_view, name="delete_view"),
    path("queue/<uuid:route_id>/lease/", desk.lease, name="lease"),
    path("queue/<uuid:route_id>/release/", desk.release, name="release"),
    path("queue/<uuid:route_id>/snooze/", desk.snooze, name="snooze"),
    path("queue/<uuid:route_id>/wake/", desk.wake, name="wake"),
    path("queue/<uuid:route_id>/escalate/", desk.escalate, name="escalate"),
    path("queue/open/<str:token>/", notices.open_link, name="open_link"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_notices, name="read_notices"),
    path("authority/", authority.authority, name="authority"),
    path("authority/changes/", limit_changes.limit_changes, name="limit_changes"),
    path("authority/changes/<uuid:change_id>/confirm/", limit_changes.confirm, name="confirm_change"),
    path("authority/changes/<uuid:change_id>/refuse/", limit_changes.refuse, name="refuse_change"),
    path("authority/changes/<uuid:change_id>/withdraw/", limit_changes.withdraw, name="withdraw_change"),
    path("authority/roles/<uuid:grant_id>/confirm/", limit_changes.confirm_role, name="confirm_role"),
    path("authority/roles/<uuid:grant_id>/refuse/", limit_changes.refuse_role, name="refuse_role"),
    path("authority/roles/<uuid:grant_id>/withdraw/", limit_changes.withdraw_role, name="withdraw_role"),
    path("authority/review/", access_review.access_review, name="access_review"),
    path("authority/review/sign/", access_review.sign, name="sign_review"),
    path("freezes/", freezes.freezes, name="freezes"),
    path("freezes/<uuid:switch_id>/lift/", freezes.lift, name="lift_freeze"),
    path("delegations/", delegations.delegations, name="delegations"),
    path("delegations/<uuid:delegation_id>/accept/", delegations.accept, name="accept_delegation"),
    path("delegations/<uuid:delegation_id>/decline/", delegations.decline, name="decline_delegation"),
    path("delegations/<uuid:delegation_id>/end/", delegations.end, name="end_delegation"),
    path("delegations/absences/", delegations.enter, name="enter_absence"),
    path("delegations/absences/<uuid:absence_id>/remove/", delegations.remove, name="remove_absence"),
]
