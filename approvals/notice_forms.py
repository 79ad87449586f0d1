"""How somebody wants to be told by mail."""

from __future__ import annotations

from django import forms

from config.kernel.wording import said

from .vocabulary import NoticeWish


class WishForm(forms.Form):
    """Each by itself, once a day, or not at all."""

    wish = forms.ChoiceField(
        label=said("By mail"),
        choices=NoticeWish.choices,
        widget=forms.RadioSelect,
        help_text=said("The daily mail comes at eight in the morning where your first team is."),
    )
