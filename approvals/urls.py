"""The addresses of approvals."""

from django.urls import path

from .views import queue

app_name = "approvals"

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
]
