"""Who opened a file."""

from __future__ import annotations

from django.db import models

from config.kernel.people import User

from .attachment import Attachment


class AttachmentView(models.Model):
    """One opening of one page of an attachment by one person."""

    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="views")
    viewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    page = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.viewer_id} opened {self.attachment_id}"
