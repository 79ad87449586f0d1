"""Who is signed in, loaded with what every page asks about her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from .people import User
from .sign_in import SECOND_FACTOR, second_factors

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model


class PeopleBackend(ModelBackend):
    """Loads a person together with her roles and preferences, and all her permissions with one query."""

    def get_user(self, user_id: int) -> User | None:
        """Find the person of a session; None when there is none or she may not sign in any more."""
        held = Group.objects.filter(user=OuterRef("pk")).values("name")
        people = User.objects.select_related("preferences").annotate(
            held=ArraySubquery(held), second=Exists(second_factors().filter(user=OuterRef("pk")))
        )
        user = people.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.__dict__["_role_names"] = frozenset(user.__dict__.pop("held"))
        user.__dict__[SECOND_FACTOR] = user.__dict__.pop("second")
        return user

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None) -> set[str]:
        """Name every permission a person holds, by her roles or by herself; asked once for each loaded person."""
        if obj is not None or not user_obj.is_active:
            return set()
        kept: dict[str, Any] = user_obj.__dict__
        if "_perm_cache" not in kept:
            person = cast("User", user_obj)
            held = Permission.objects.all()
            if not person.is_superuser:
                held = held.filter(
                    Q(pk__in=Permission.objects.filter(user=person).values("pk"))
                    | Q(pk__in=Permission.objects.filter(group__user=person).values("pk"))
                )
            named = held.order_by().values_list("content_type__app_label", "codename")
            kept["_perm_cache"] = {f"{label}.{codename}" for label, codename in named}
        return cast("set[str]", kept["_perm_cache"])
