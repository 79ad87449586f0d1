"""How somebody wants to be told by mail."""

from __future__ import annotations

from django import forms

from .vocabulary import NoticeWish


class WishForm(forms.Form):
    """Each by itself, once a day, or not at all."""

    wish = forms.ChoiceField(
        label="By mail",
        choices=NoticeWish.choices,
        widget=forms.RadioSelect,
        help_text="The daily mail comes at eight in the morning where your first team is.",
    )
