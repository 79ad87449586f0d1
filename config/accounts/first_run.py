"""The first minutes of an empty portal: the first two administrators, made by whoever holds the server's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals.roles import ADMINISTRATOR
from approvals.services.roles import record_first
from config.kernel.first_run import first_run_code, is_first_run
from config.kernel.lockout import begin_try, forgive
from config.kernel.people import User, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.web import UNPROCESSABLE
from config.kernel.wording import said, told

from .links import INVITED, send_links

if TYPE_CHECKING:
    from datetime import datetime

TRIES: Final = "first run"
LOCK: Final = 7_304_112
"""The database's lock under which the first people are made; any number that nothing else here takes."""


class _Person(forms.Form):
    username = forms.CharField(max_length=150, validators=[UnicodeUsernameValidator()])
    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150)
    email = forms.EmailField(label=said("Mail address"))


class FirstRunForm(SetPasswordMixin, _Person):  # type: ignore[type-arg]  # generic in the stubs alone
    """The code, the first administrator with her password, and the second one, who sets hers from a link."""

    code = forms.CharField(label=said("Code of this server"), max_length=40)
    second_username = forms.CharField(label=said("Username"), max_length=150, validators=[UnicodeUsernameValidator()])
    second_first_name = forms.CharField(label=said("First name"), max_length=150)
    second_last_name = forms.CharField(label=said("Last name"), max_length=150)
    second_email = forms.EmailField(label=said("Mail address"))
    password1, password2 = SetPasswordMixin.create_password_fields()

    field_order = ("code", "username", "first_name", "last_name", "email", "password1", "password2")

    def clean(self) -> dict[str, Any] | None:
        """Want two different people and a password that is hard to guess."""
        typed = super().clean() or {}
        for name, sentence in (
            ("username", said("Two people need two names.")),
            ("email", said("Two people, two mailboxes.")),
        ):
            first, second = typed.get(name, ""), typed.get(f"second_{name}", "")
            if first and first.casefold() == second.casefold():
                self.add_error(f"second_{name}", told(sentence))
        self.validate_passwords()
        self.validate_password_for_user(User(**{name: typed.get(name, "") for name in _Person.base_fields}))
        return typed

    def clean_code(self) -> str:
        """Want the server's code, and not too many wrong ones."""
        try:
            begin_try(TRIES, at=timezone.now())
        except NotPermitted as no:
            raise ValidationError(told(no.detail), code=no.code) from no
        typed = str(self.cleaned_data["code"]).strip().upper()
        if not constant_time_compare(typed, first_run_code()):
            raise ValidationError(told(said("This is not the code of this server.")), code="wrong_code")
        forgive(TRIES)
        return typed


@transaction.atomic
def make_first_people(*, first: dict[str, str], password: str, second: dict[str, str], at: datetime) -> User:
    """Make two administrators at once: nobody gives authority to anybody alone, so one could never begin.

    :raises OutOfDate: when somebody was faster
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if not is_first_run():
        raise OutOfDate(
            "already_begun", said("Somebody set this portal up already. Sign in, or ask her for an account.")
        )
    people = [
        User.objects.create_user(**first, password=password, is_staff=True),
        User.objects.create_user(**second, is_staff=True),
    ]
    for person in people:
        give_roles(user=person, roles=[ADMINISTRATOR])
        record_first(person=person, at=at)
    send_links(people[1:], why=INVITED)
    return people[0]


@sensitive_post_parameters("code", "password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Ask for the first two people; once there is anybody, this page is gone."""
    if not is_first_run():
        raise Http404
    form = FirstRunForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = UNPROCESSABLE if form.is_bound else 200
        return render(request, "account/first_run.html", {"form": form}, status=status)
    told = form.cleaned_data
    try:
        make_first_people(
            first={name: told[name] for name in _Person.base_fields},
            password=told["password1"],
            second={name: told[f"second_{name}"] for name in _Person.base_fields},
            at=timezone.now(),
        )
    except OutOfDate as no:
        messages.warning(request, no.detail)
        return redirect("account_login")
    messages.success(
        request, said("You and the second administrator are set up. Sign in; she finds a link in her mail.")
    )
    return redirect("account_login")
