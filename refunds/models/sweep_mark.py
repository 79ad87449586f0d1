"""How far a sweep has read."""

from django.db import models


class SweepMark(models.Model):
    """Until when everything that a gateway shows of one kind was looked at."""

    gateway = models.CharField(max_length=40)
    what = models.CharField(max_length=40)
    read_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_mark_per_sweep", fields=["gateway", "what"])]

    def __str__(self) -> str:
        return f"{self.gateway} {self.what} until {self.read_until}"
