"""One mail to one mailbox, over the server the portal sends all its mail by."""

from __future__ import annotations

from smtplib import SMTPException, SMTPResponseException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage

from .calling import Answer
from .vocabulary import CallOutcome
from .wording import OPEN

if TYPE_CHECKING:
    from .wording import Notice


def mail(*, to: str, notice: Notice) -> Answer:
    """Send and answer what came of it; nothing is raised for what a mail server does."""
    if settings.MAIL_IS_KEPT:
        return Answer(CallOutcome.FORBIDDEN, excerpt="The demo sends no mail.")
    letter = EmailMessage(
        subject=f"Redress: {notice.sentence}", body=f"{notice.sentence}\n\n{OPEN}: {notice.page}\n", to=[to]
    )
    try:
        letter.send()
    except SMTPResponseException as error:
        return Answer(CallOutcome.ANSWERED, error.smtp_code, excerpt=f"The mail server said {error.smtp_code}.")
    except (SMTPException, OSError) as error:
        return Answer(CallOutcome.UNREACHABLE, excerpt=f"{type(error).__name__}.")
    return Answer(CallOutcome.DELIVERED)
