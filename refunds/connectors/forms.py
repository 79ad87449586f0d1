"""What administrators type about shops; what is secret is written and never shown."""

from __future__ import annotations

from typing import Any

from django import forms

from config.kernel.people import Team, User, team_ids_of
from config.kernel.wording import said, told
from refunds.models import ShopConnection
from refunds.vocabulary import ShopKind

from .connecting import LONGEST_OVERLAP_HOURS, LONGEST_SECRET, Wish, faults_of


def _secret(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_SECRET,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
        **more,
    )


class ConnectionForm(forms.ModelForm[ShopConnection]):
    """Where a shop is, whose orders it holds, and with what it is asked."""

    actor: User

    access_token = _secret(
        said("Access token"), required=False, help_text=said("Kept sealed. Empty keeps the one there is.")
    )
    secret = _secret(
        said("Client secret"),
        required=False,
        help_text=said("Of the Shopify app, whose messages it signs. Kept sealed."),
    )

    class Meta:
        model = ShopConnection
        fields = [
            "kind",
            "team",
            "channel",
            "domain",
            "api_base",
            "access_token",
            "secret",
            "public_key",
            "takes_orders",
            "writes_back",
        ]
        help_texts = {
            "public_key": said("Of Adobe Commerce, in PEM form, if it signs its webhooks. Plain Magento does not.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the teams of whoever types; a secret is typed when it is new, later it is rotated."""
        super().__init__(*args, **kwargs)
        if "team" in self.fields:
            teams: Any = self.fields["team"]
            teams.queryset = Team.objects.filter(pk__in=team_ids_of(self.actor)).order_by("name")
        if self._is_old and "secret" in self.fields:
            del self.fields["secret"]
        if self._is_old and "kind" in self.fields:
            self.fields["kind"].disabled = True

    @property
    def _is_old(self) -> bool:
        return not self.instance._state.adding  # noqa: SLF001 - Django's way to ask; the key is made before the row

    @property
    def wish(self) -> Wish:
        """What was typed, for the command."""
        typed = self.cleaned_data
        return Wish(
            kind=typed.get("kind", ShopKind.SHOPIFY),
            team=typed["team"],
            channel=typed.get("channel", ""),
            domain=typed.get("domain", "").strip(),
            api_base=typed.get("api_base", "").strip(),
            access_token=typed.get("access_token", ""),
            secret=typed.get("secret", ""),
            public_key=typed.get("public_key", ""),
            takes_orders=typed.get("takes_orders", False),
            writes_back=typed.get("writes_back", False),
        )

    def clean(self) -> dict[str, Any]:
        """Let the command name what it would refuse."""
        typed: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for fault in faults_of(self.wish, actor=self.actor, is_new=not self._is_old):
                self.add_error(fault.field if fault.field in self.fields else None, told(fault.detail))
        return typed


class ResyncForm(forms.Form):
    """From which day on a shop's orders are read again."""

    since = forms.DateField(label=said("From"), widget=forms.DateInput(attrs={"type": "date"}))


class RotateForm(forms.Form):
    """The new secret, and how long the old one is believed beside it."""

    secret = _secret(said("New secret"))
    overlap_hours = forms.IntegerField(
        label=said("Hours in which both are believed"), min_value=0, max_value=LONGEST_OVERLAP_HOURS, initial=24
    )
