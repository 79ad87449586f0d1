"""Who is signed in, loaded with what every page asks about her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from .people import User
from .sign_in import SECOND_FACTOR, second_factors

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet


class PeopleBackend(ModelBackend):
    """Loads a person together with her roles, permissions and preferences, with one query."""

    def get_user(self, user_id: int) -> User | None:
        """Find the person of a session; None when there is none or she may not sign in any more."""
        held = Group.objects.filter(user=OuterRef("pk")).values("name")
        may = _permissions_of(OuterRef(OuterRef("pk"))).values_list(_NAMED)
        people = User.objects.select_related("preferences").annotate(
            held=ArraySubquery(held),
            may=ArraySubquery(may),
            second=Exists(second_factors().filter(user=OuterRef("pk"))),
        )
        user = people.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.__dict__["_role_names"] = frozenset(user.__dict__.pop("held"))
        user.__dict__[SECOND_FACTOR] = user.__dict__.pop("second")
        may_now = set(user.__dict__.pop("may"))
        if not user.is_superuser:
            user.__dict__["_perm_cache"] = may_now
        return user

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None) -> set[str]:
        """Name every permission a person holds, by her roles or by herself; asked once for each loaded person."""
        if obj is not None or not user_obj.is_active:
            return set()
        kept: dict[str, Any] = user_obj.__dict__
        if "_perm_cache" not in kept:
            person = cast("User", user_obj)
            held = Permission.objects.order_by() if person.is_superuser else _permissions_of(person)
            kept["_perm_cache"] = set(held.values_list(_NAMED, flat=True))
        return cast("set[str]", kept["_perm_cache"])


_NAMED: Final = Concat("content_type__app_label", Value("."), "codename")


def _permissions_of(person: User | OuterRef) -> QuerySet[Permission]:
    """Select what a person may do, by her roles or by herself."""
    return Permission.objects.order_by().filter(
        Q(pk__in=Permission.objects.filter(user=person).values("pk"))
        | Q(pk__in=Permission.objects.filter(group__user=person).values("pk"))
    )
