"""Standard codes: why a customer asks, and why we depart from policy. Each has an owner, a playbook and a life."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from config.kernel.wording import said
from policies.vocabulary import CodeKind, CodeState, LeakageClass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

WHOLE_BASIS_POINTS = 10_000
IN_USE = (CodeState.DRAFT, CodeState.ACTIVE)


class CodeFields(models.Model):
    """What every code says of itself. Records keep the code they were given, so none is ever deleted."""

    kind: ClassVar[CodeKind]

    code = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=80)
    hint = models.CharField(max_length=240, blank=True, default="", help_text=said("Shown beside the choice."))
    leakage_class = models.CharField(max_length=16, choices=LeakageClass)
    owner = models.CharField(max_length=80, help_text=said("The team that answers for this code."))
    playbook = models.TextField(help_text=said("What to do when this code occurs."))
    sla_hours = models.PositiveIntegerField(help_text=said("Hours in which the owner has done what the playbook says."))
    when_to_use = models.TextField(blank=True, default="")
    when_not_to_use = models.TextField(blank=True, default="")
    evidence_kinds = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    most_share_basis_points = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(WHOLE_BASIS_POINTS)],
        help_text=said("Of all uses, in hundredths of a percent; empty for no cap."),
    )
    state = FSMField(default=CodeState.DRAFT, choices=CodeState.choices, protected=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


def _laws_of(word: str) -> list[models.BaseConstraint]:
    """Write down what holds of every code, named for the table it stands in."""
    return [
        models.CheckConstraint(name=f"{word}_has_an_owner", condition=Q(owner__regex=r"\S")),
        models.CheckConstraint(name=f"{word}_has_a_playbook", condition=Q(playbook__regex=r"\S")),
        models.CheckConstraint(name=f"{word}_state_is_known", condition=Q(state__in=CodeState.values)),
        models.CheckConstraint(
            name=f"{word}_names_its_successor_when_merged",
            condition=Q(state=CodeState.MERGED, merged_into__isnull=False)
            | (~Q(state=CodeState.MERGED) & Q(merged_into__isnull=True)),
        ),
        models.CheckConstraint(
            name=f"{word}_is_not_merged_into_itself",
            condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("code")),
        ),
        models.CheckConstraint(
            name=f"{word}_in_use_is_not_retired", condition=~Q(state__in=IN_USE) | Q(retired_at__isnull=True)
        ),
        models.CheckConstraint(
            name=f"{word}_cap_is_a_share",
            condition=Q(most_share_basis_points__isnull=True) | Q(most_share_basis_points__lte=WHOLE_BASIS_POINTS),
        ),
    ]


class ReasonCode(CodeFields):
    """Why the customer asks for money back."""

    kind = CodeKind.REASON

    class Meta(CodeFields.Meta):
        constraints = _laws_of("reason_code")

    @transition(
        field="state",
        source=[CodeState.DRAFT, CodeState.RETIRED],
        target=CodeState.ACTIVE,
        permission="policies.change_reasoncode",
    )
    def activate(self, *, actor: User, at: datetime) -> None:
        """Offer it to whoever files a request."""
        self.retired_at = None

    @transition(field="state", source=list(IN_USE), target=CodeState.RETIRED, permission="policies.change_reasoncode")
    def retire(self, *, actor: User, at: datetime) -> None:
        """Offer it no more; records keep it."""
        self.retired_at = at

    @transition(
        field="state",
        source=[*IN_USE, CodeState.RETIRED],
        target=CodeState.MERGED,
        permission="policies.change_reasoncode",
    )
    def merge(self, *, into: ReasonCode, actor: User, at: datetime) -> None:
        """Name the code that is used instead from now on."""
        self.merged_into = into
        self.retired_at = at


class ExceptionCode(CodeFields):
    """A standard departure from policy; without owner and playbook it would be noise."""

    kind = CodeKind.EXCEPTION

    class Meta(CodeFields.Meta):
        constraints = _laws_of("exception_code")

    @transition(
        field="state",
        source=[CodeState.DRAFT, CodeState.RETIRED],
        target=CodeState.ACTIVE,
        permission="policies.change_exceptioncode",
    )
    def activate(self, *, actor: User, at: datetime) -> None:
        """Offer it to whoever grants an exception."""
        self.retired_at = None

    @transition(
        field="state", source=list(IN_USE), target=CodeState.RETIRED, permission="policies.change_exceptioncode"
    )
    def retire(self, *, actor: User, at: datetime) -> None:
        """Offer it no more; records keep it."""
        self.retired_at = at

    @transition(
        field="state",
        source=[*IN_USE, CodeState.RETIRED],
        target=CodeState.MERGED,
        permission="policies.change_exceptioncode",
    )
    def merge(self, *, into: ExceptionCode, actor: User, at: datetime) -> None:
        """Name the code that is used instead from now on."""
        self.merged_into = into
        self.retired_at = at


AnyCode = ReasonCode | ExceptionCode
CODE_MODELS: Final[Mapping[CodeKind, type[AnyCode]]] = {
    CodeKind.REASON: ReasonCode,
    CodeKind.EXCEPTION: ExceptionCode,
}
