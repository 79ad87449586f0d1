"""Settings: how this person likes her screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.forms import model_to_dict
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_http_methods

from config import time_zones
from config.kernel.models import Preferences
from config.kernel.preferences import Density, Language, LetterKeys, Theme
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseRedirect

    from config.kernel.people import User


class PreferencesForm(forms.Form):
    """What somebody may choose; everything has a choice that is the default."""

    language = forms.ChoiceField(
        label=said("Language"),
        help_text=said("Records, exports and the API stay English; letters to customers have a language of their own."),
        choices=lambda: [(Language.BROWSER.value, Language.BROWSER.label), *django_settings.LANGUAGES],
        required=False,
        widget=forms.RadioSelect,
    )
    time_zone = forms.ChoiceField(
        label=said("Time zone"),
        help_text=said(
            "Pages show times in it. Records and exports are in UTC; promises run on the clock of the request's team."
        ),
        choices=time_zones.offered,
        required=False,
    )
    theme = forms.ChoiceField(label=said("Colours"), choices=Theme.choices, required=False, widget=forms.RadioSelect)
    density = forms.ChoiceField(
        label=said("Room for a row"), choices=Density.choices, required=False, widget=forms.RadioSelect
    )
    letter_keys = forms.ChoiceField(
        label=said("Letter keys"),
        help_text=said("Letters never reach a field, and never decide money by themselves."),
        choices=LetterKeys.choices,
        required=False,
        widget=forms.RadioSelect,
    )


def preferences_of(user: User) -> Preferences:
    """Find what this person chose, or the defaults, which are no row."""
    return getattr(user, "preferences", None) or Preferences(user=user)


def save_preferences(*, user: User, **chosen: str) -> None:
    """Keep what a person chose for herself."""
    Preferences.objects.update_or_create(user=user, defaults=chosen)


def remember_language(response: HttpResponseRedirect, language: str) -> HttpResponseRedirect:
    """Let the door of this browser speak the same language, once its reader has signed out."""
    if not language:
        response.delete_cookie(django_settings.LANGUAGE_COOKIE_NAME)
        return response
    response.set_cookie(
        django_settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=django_settings.LANGUAGE_COOKIE_AGE,
        secure=django_settings.LANGUAGE_COOKIE_SECURE,
        httponly=django_settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


@page()
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: PersonRequest) -> HttpResponse:
    """Show what this person chose, and keep what she chooses."""
    form = PreferencesForm(
        request.POST if request.method == "POST" else None, initial=model_to_dict(preferences_of(request.user))
    )
    if request.method == "POST" and form.is_valid():
        save_preferences(user=request.user, **form.cleaned_data)
        language = form.cleaned_data["language"]
        with translation.override(language or translation.get_language_from_request(request)):
            messages.success(request, said("Your settings are saved. They follow you to every browser."))
        return remember_language(redirect("settings"), language)
    return render_page(request, "settings.html", {"form": form}, status=UNPROCESSABLE if form.is_bound else 200)
