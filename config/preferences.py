"""Settings: how this person likes her screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.forms import model_to_dict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.kernel.models import Preferences
from config.kernel.preferences import Density, LetterKeys, Theme
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from config.kernel.people import User


class PreferencesForm(forms.Form):
    """What somebody may choose; everything has a choice that is the default."""

    theme = forms.ChoiceField(label="Colours", choices=Theme.choices, required=False, widget=forms.RadioSelect)
    density = forms.ChoiceField(
        label="Room for a row", choices=Density.choices, required=False, widget=forms.RadioSelect
    )
    letter_keys = forms.ChoiceField(
        label="Letter keys",
        help_text="Letters never reach a field, and never decide money by themselves.",
        choices=LetterKeys.choices,
        required=False,
        widget=forms.RadioSelect,
    )


def preferences_of(user: User) -> Preferences:
    """Find what this person chose, or the defaults, which are no row."""
    return getattr(user, "preferences", None) or Preferences(user=user)


def save_preferences(*, user: User, theme: str, density: str, letter_keys: str) -> None:
    """Keep what a person chose for herself."""
    Preferences.objects.update_or_create(
        user=user, defaults={"theme": theme, "density": density, "letter_keys": letter_keys}
    )


@page()
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: PersonRequest) -> HttpResponse:
    """Show what this person chose, and keep what she chooses."""
    form = PreferencesForm(
        request.POST if request.method == "POST" else None, initial=model_to_dict(preferences_of(request.user))
    )
    if request.method == "POST" and form.is_valid():
        save_preferences(user=request.user, **form.cleaned_data)
        messages.success(request, "Your settings are saved. They follow you to every browser.")
        return redirect("settings")
    return render_page(request, "settings.html", {"form": form}, status=UNPROCESSABLE if form.is_bound else 200)
