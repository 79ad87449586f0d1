"""Forms that say something to a command, and the answer to one: a refusal gives back everything that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.shortcuts import redirect

from .refusals import NotPermitted, OutOfDate, Reason, Refused
from .web import UNPROCESSABLE, status_of
from .wording import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpResponse

    from .web import PersonRequest


class ToldMessages(FallbackStorage):
    """Says what was done in the language of whoever did it, before it waits for the next page."""

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        """Keep a message."""
        super().add(level, told(message), extra_tags)


class SpokenForm(forms.Form):
    """A form whose command may refuse what it read."""

    def refuse(self, no: Refused) -> list[Reason]:
        """Put each reason beside its field; answers those that hang on none."""
        left = []
        for reason in no.reasons:
            if reason.field in self.fields:
                self.add_error(reason.field, told(reason.detail))
            else:
                left.append(reason)
        return left


class Shown(Protocol):
    """Draws the page of what a command is about."""

    def __call__(self, *, form: SpokenForm | None, reasons: Sequence[Reason], status: int) -> HttpResponse:
        """Show it with the form as it was typed, and the reasons of a no that hang on no field."""


def speak(
    request: PersonRequest,
    shape: type[SpokenForm] | None,
    command: Callable[[dict[str, Any]], str],
    *,
    leads_to: str,
    shown: Shown,
) -> HttpResponse:
    """Run a command with what a form read, then lead to what it is about; a refusal is shown with what was typed.

    `command` answers the sentence that is said when it is done.
    """
    form = shape(request.POST, request.FILES) if shape is not None else None
    if form is not None and not form.is_valid():
        return shown(form=form, reasons=(), status=UNPROCESSABLE)
    try:
        sentence = command(form.cleaned_data if form is not None else {})
    except (Refused, NotPermitted, OutOfDate) as no:
        told = no.reasons if isinstance(no, Refused) else [Reason(no.code, no.detail)]
        left = form.refuse(no) if form is not None and isinstance(no, Refused) else told
        return shown(form=form, reasons=left, status=status_of(no))
    messages.success(request, sentence)
    return redirect(leads_to)
