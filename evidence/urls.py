"""The addresses of evidence."""

from django.urls import path

from .views.attachments import attachment, file
from .views.ledger import ledger
from .views.message import approve_message, hand_in_message, message, retry_message, send_back_message
from .views.outbox import outbox

app_name = "evidence"

urlpatterns = [
    path("evidence/attachments/<uuid:attachment_id>/", attachment, name="attachment"),
    path("evidence/files/<str:token>/", file, name="file"),
    path("ledger/", ledger, name="ledger"),
    path("outbox/", outbox, name="outbox"),
    path("outbox/<uuid:message_id>/", message, name="message"),
    path("outbox/<uuid:message_id>/approve/", approve_message, name="approve_message"),
    path("outbox/<uuid:message_id>/send-back/", send_back_message, name="send_back_message"),
    path("outbox/<uuid:message_id>/hand-in/", hand_in_message, name="hand_in_message"),
    path("outbox/<uuid:message_id>/retry/", retry_message, name="retry_message"),
]
