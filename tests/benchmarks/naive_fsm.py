"""The reference for whole lives: a request as a first django-fsm tutorial would write it, in a table of its own.

A transaction for each step: lock the row, ask the machine, save, write one line of a log. No policy, no limits, no
segregation of duties, no chain, no outbox: what it leaves out is what it is faster by.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, models, transaction
from django_fsm import FSMField, transition

if TYPE_CHECKING:
    from collections.abc import Iterator


class NaiveRequest(models.Model):
    """A request with a state and nothing around it."""

    state = FSMField(default="draft")
    amount_minor = models.BigIntegerField()
    requested_by = models.CharField(max_length=30)
    approved_by = models.CharField(max_length=30, blank=True)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return f"{self.pk}"

    @transition(field=state, source="draft", target="submitted")
    def submit(self) -> None:
        """Hand it in."""

    @transition(field=state, source="submitted", target="approved")
    def approve(self) -> None:
        """Sign it."""

    @transition(field=state, source="approved", target="processing")
    def send(self) -> None:
        """Send the money."""

    @transition(field=state, source="processing", target="refunded")
    def confirm(self) -> None:
        """Hear that it arrived."""


class NaiveLog(models.Model):
    """One line for each step."""

    request = models.ForeignKey(NaiveRequest, on_delete=models.CASCADE)
    verb = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.verb


# Neither model is of an installed app, so the type checker knows of no managers.
_requests: models.Manager[NaiveRequest] = NaiveRequest._default_manager
_logs: models.Manager[NaiveLog] = NaiveLog._default_manager


@contextmanager
def naive_tables() -> Iterator[None]:
    """Make the two tables for a while."""
    with connection.schema_editor() as editor:
        editor.create_model(NaiveRequest)
        editor.create_model(NaiveLog)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(NaiveLog)
            editor.delete_model(NaiveRequest)


def draft() -> int:
    """Take one down."""
    return int(_requests.create(amount_minor=100_00, requested_by="amir").pk)


def step(pk: int, verb: str) -> None:
    """Speak one verb, in a transaction of its own."""
    with transaction.atomic():
        request = _requests.select_for_update().get(pk=pk)
        getattr(request, verb)()
        request.save()
        _logs.create(request=request, verb=verb)
