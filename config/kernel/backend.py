"""Who is signed in, loaded with what every page asks about her."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from .people import User


class PeopleBackend(ModelBackend):
    """Loads whoever is signed in together with the names of her roles, which every page asks for."""

    def get_user(self, user_id: int) -> User | None:
        """Find the person of a session; None when there is none or she may not sign in any more."""
        held = Group.objects.filter(user=OuterRef("pk")).values("name")
        user = User.objects.annotate(held=ArraySubquery(held)).filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.__dict__["_role_names"] = frozenset(user.__dict__.pop("held"))
        return user
