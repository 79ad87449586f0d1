"""What a colleague is told: a step waits for her, is due, went up, or lapsed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.vocabulary import NoticeKind, NoticeWish
from config.kernel.ids import new_id

from .route import ApprovalRoute


class Notice(models.Model):
    """One thing one person is told about one route; `mailed_at` is empty until a mail or a digest carried it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    route = models.ForeignKey(ApprovalRoute, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=NoticeKind)
    level = models.PositiveSmallIntegerField()
    written_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-written_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="told_once", fields=["user", "route", "kind", "level"]),
            models.CheckConstraint(name="notice_kind_is_known", condition=Q(kind__in=NoticeKind.values)),
        ]
        indexes = [
            models.Index(name="notice_to_mail", fields=["user", "written_at"], condition=Q(mailed_at__isnull=True)),
            models.Index(name="notice_to_read", fields=["user", "written_at"], condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.route_id}"


class NoticeSetting(models.Model):
    """How somebody wants to be told by mail; without a row, each by itself."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_setting")
    wish = models.CharField(max_length=10, choices=NoticeWish, default=NoticeWish.EACH)

    class Meta:
        constraints = [models.CheckConstraint(name="notice_wish_is_known", condition=Q(wish__in=NoticeWish.values))]

    def __str__(self) -> str:
        return self.wish
