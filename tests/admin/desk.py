"""A person at the admin site, and a draft as its page would post it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from policies import drafting
from policies.forms import DraftForm
from policies.models import PolicyVersion
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World


def desk_of(person: User) -> Client:
    """Sit a person down at the portal."""
    client = Client()
    client.force_login(person, backend="config.kernel.backend.PeopleBackend")
    return client


def draft_by(world: World, author: User, team: str = "uk-retail") -> PolicyVersion:
    """Begin a draft from the version in force."""
    return drafting.draft_from(version_id=world.policy(team).pk, actor=author, at=NOON)


def as_posted(version: PolicyVersion, **changes: Any) -> dict[str, Any]:
    """Write a draft's page as a browser would post it untouched, with `changes` on top."""
    return posted(DraftForm(as_stored(version))) | changes


def posted(form: DraftForm) -> dict[str, Any]:
    """Write a form as a browser posts it: an empty box is not sent."""
    values = {name: form[name].value() for name in form.fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value is not None and value is not False
    }


def as_stored(version: PolicyVersion) -> PolicyVersion:
    """Read a version anew."""
    return PolicyVersion.objects.select_related("policy__team").get(pk=version.pk)


def page_of(version: PolicyVersion, word: str = "change") -> str:
    """Name a page about a version."""
    return reverse(f"admin:policies_policyversion_{word}", args=[version.pk])


EXPLAINED = {
    "what": "A higher automatic limit.",
    "why": "Small amounts cost more to read.",
    "impact": "UK agents.",
    "risk_rationale": "More small refunds leave unread; sampling reviews find the odd ones.",
}
