"""The book a team's money goes by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy

from approvals.vocabulary import Category
from config.kernel.people import Team
from config.kernel.wording import said
from policies.vocabulary import Mode


class Policy(models.Model):
    """One team's policy; what it says stands in its versions."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    team = models.OneToOneField(Team, on_delete=models.PROTECT, related_name="policy")
    enforced_categories = ArrayField(
        models.CharField(max_length=32, choices=Category),
        default=list,
        blank=True,
        help_text=said(
            "Categories that gate money. All others are in shadow: the verdict is recorded and a person decides."
        ),
    )

    class Meta:
        verbose_name_plural = gettext_lazy("policies")

    def __str__(self) -> str:
        return self.title

    def mode_for(self, category: str) -> Mode:
        """Tell whether the policy gates this category or only watches it."""
        return Mode.ENFORCE if category in self.enforced_categories else Mode.SHADOW
