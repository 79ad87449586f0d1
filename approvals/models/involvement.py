"""Who has a part in a subject that keeps her from signing for it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.vocabulary import Part
from config.kernel.ids import new_id


class Involvement(models.Model):
    """A part somebody took in a subject beside what its route names: who handed it in, judged it or paid it.

    It stays for the life of the subject, over all its routes; whoever is involved never signs.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="part_is_known", condition=Q(part__in=Part.values)),
            models.UniqueConstraint(
                name="one_part_once_per_person", fields=["subject_id", "person", "part", "subject_kind"]
            ),
        ]
        triggers = [pgtrigger.Protect(name="parts_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.person_id} {self.part}"
