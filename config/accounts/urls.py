"""The addresses of one's own account."""

from __future__ import annotations

from django.urls import path

from . import first_run, own_sessions, passwords

app_name = "account"

urlpatterns = [
    path("welcome/", first_run.first_run, name="first_run"),
    path("forgotten/", passwords.forgotten, name="forgotten"),
    path("password/", passwords.change_password, name="change_password"),
    path("password/<str:uidb64>/<str:token>/", passwords.SetPassword.as_view(), name="set_password"),
    path("session/left/", own_sessions.time_left, name="time_left"),
    path("session/stay/", own_sessions.stay, name="stay"),
    path("sessions/", own_sessions.sessions, name="sessions"),
    path("sessions/end-others/", own_sessions.end_other_sessions, name="end_other_sessions"),
    path("sessions/<uuid:public_id>/end/", own_sessions.end_session, name="end_session"),
]
