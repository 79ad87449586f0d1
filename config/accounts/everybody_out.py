"""Signing everybody out at once, when nobody knows whose session was stolen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from approvals.services.roles import record_everybody_out
from config.kernel.asking_again import asks_again
from config.kernel.refusals import NotPermitted
from config.kernel.sessions import BY_AN_ADMINISTRATOR, Session, end_sessions
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import counted, said
from evidence.text import refuse_card_number

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from config.kernel.people import User

ENDS: Final = "kernel.change_user"
"""Whoever may sign out one may sign out all."""

SHORTEST, LONGEST = 10, 400


class EverybodyForm(forms.Form):
    """Why, and whether she who does it goes too."""

    why = forms.CharField(
        label=said("Why"),
        min_length=SHORTEST,
        max_length=LONGEST,
        help_text=said("At least 10 characters. It is kept on the ledger for good."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    me_too = forms.BooleanField(label=said("Sign me out here too"), required=False)


@page(ENDS)
@require_http_methods(["GET", "HEAD", "POST"])
@asks_again()
def everybody_out(request: PersonRequest) -> HttpResponse:
    """Ask why, then end every session but this one; this one too where she says so."""
    form = EverybodyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = UNPROCESSABLE if form.is_bound else 200
        return render_page(request, "account/everybody_out.html", {"form": form}, status=status)
    is_also_here = form.cleaned_data["me_too"]
    count = sign_everybody_out(
        why=form.cleaned_data["why"],
        kept=None if is_also_here else request.session.session_key,
        actor=request.user,
        at=timezone.now(),
    )
    if is_also_here:
        logout(request)
        return redirect("home")
    messages.success(request, counted("{count} session was ended.", "{count} sessions were ended.", count))
    return redirect("sign_ins")


@transaction.atomic
def sign_everybody_out(*, why: str, kept: str | None, actor: User, at: datetime) -> int:
    """End all sessions but the one of this key, those of people who are just coming in too; answer how many.

    :raises NotPermitted: without the right
    :raises Refused: for a card number in the reason
    """
    if not actor.has_perm(ENDS):
        raise NotPermitted("not_permitted", f"This needs the right “{ENDS}”.")
    refuse_card_number(why, field="why")
    count = end_sessions(Session.objects.exclude(pk=kept or ""), why=BY_AN_ADMINISTRATOR, at=at)
    record_everybody_out(why=why, count=count, is_actor_too=kept is None, actor=actor, at=at)
    return count
