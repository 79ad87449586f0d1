"""The addresses of evidence."""

from django.urls import path

from .views.attachments import attachment, file
from .views.ledger import ledger
from .views.outbox import outbox

app_name = "evidence"

urlpatterns = [
    path("evidence/attachments/<uuid:attachment_id>/", attachment, name="attachment"),
    path("evidence/files/<str:token>/", file, name="file"),
    path("ledger/", ledger, name="ledger"),
    path("outbox/", outbox, name="outbox"),
]
