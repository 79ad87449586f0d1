"""The pages on which somebody sets her own password: from a link, or knowing the old one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN as LINK
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals.services.roles import record_means
from config.kernel.lockout import begin_try, forgive
from config.kernel.pace import seconds_to_wait
from config.kernel.people import User
from config.kernel.sessions import NEW_MEANS, end_sessions, sessions_of
from config.kernel.sign_in import PASSWORD, means_of, note_sign_in, password_of
from config.kernel.sign_in_log import Happening
from config.kernel.web import NUL, UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import said

from .links import FORGOTTEN, people_called, send_links
from .noting import note

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

WINDOW: Final = timedelta(minutes=15)
MOST_ASKED: Final = 10
ON_ITS_WAY: Final = said("If there is such an account, a mail with a link is on its way. It is good for three days.")


class ForgottenForm(forms.Form):
    """Who forgot."""

    called = forms.CharField(
        label=said("Username or mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "username"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Have a link mailed; the answer is the same whoever is named."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = UNPROCESSABLE if form.is_bound else 200
        return render(request, "account/forgotten.html", {"form": form}, status=status)
    address = get_adapter().get_client_ip(request)
    wait = seconds_to_wait(caller=f"forgotten {address}", most=MOST_ASKED, window=WINDOW)
    typed = form.cleaned_data["called"]
    if wait is None and NUL not in typed:
        send_links(people_called(typed), why=FORGOTTEN)
    messages.success(request, ON_ITS_WAY)
    return redirect("account_login")


class SetPassword(PasswordResetConfirmView):
    """Set a password from a link; it signs nobody in, so a second step stays one."""

    template_name = "account/set_password.html"
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it, on record; every session of hers ends with the old password."""
        with transaction.atomic():
            # Of two who hold the link in the same instant the second finds it used up.
            form.user = User.objects.select_for_update().get(pk=form.user.pk)
            if not self.token_generator.check_token(form.user, self.request.session.get(LINK, "")):
                self.validlink = False
                return self.render_to_response(self.get_context_data())
            answer = super().form_valid(form)
            forgive(password_of(form.user))
            record_means(person=form.user, sentence="set a password from a link.", actor=form.user, at=timezone.now())
            end_sessions(sessions_of(form.user, at=timezone.now()), why=NEW_MEANS, at=timezone.now())
        messages.success(self.request, said("Your password is set. Sign in with it."))
        return answer


class ChangeForm(PasswordChangeForm):
    """The old one and the new one twice; wrong old ones are counted."""

    def clean_old_password(self) -> str:
        """Want the right one, and not too many wrong ones before it."""
        whose = password_of(self.user)
        begin_try(whose, at=timezone.now())
        try:
            typed = super().clean_old_password()
        except ValidationError:
            note(context.request, Happening.WRONG, means=PASSWORD, user=self.user)
            raise
        forgive(whose)
        return typed


@sensitive_post_parameters()
@page()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: PersonRequest) -> HttpResponse:
    """Change one's password; one stays signed in here and nowhere else."""
    form = ChangeForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        with transaction.atomic():
            form.save()
            record_means(person=request.user, sentence="changed the password.", actor=request.user, at=at)
        update_session_auth_hash(request, request.user)
        if PASSWORD in means_of(request):
            # Whoever signs in with two things has shown only one of them here.
            note_sign_in(request, at=at)
        messages.success(request, said("Your password is changed. You are signed out everywhere else."))
        return redirect("account:sessions")
    status = UNPROCESSABLE if form.is_bound else 200
    return render_page(request, "account/change_password.html", {"form": form}, status=status)
