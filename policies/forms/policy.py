"""A new policy: whose it is, what it is called, which template it starts from."""

from __future__ import annotations

from django import forms

from config.kernel.wording import said
from policies.models import Policy
from policies.templates import typed_templates


class PolicyForm(forms.ModelForm[Policy]):
    """Opens a policy; its rules are then edited in its first draft."""

    template = forms.ChoiceField(
        choices=lambda: [(template.slug, f"{template.title} ({template.currency})") for template in typed_templates()],
        help_text=said(
            "The first draft starts with these rules. Nothing is in force until a second person publishes it."
        ),
        label=said("Template"),
    )

    class Meta:
        model = Policy
        fields = ["team", "title", "slug"]
