"""People and teams in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

from .admin_forms import PersonForm, TeamForm
from .admin_pages import PortalAdmin, person_of
from .asking_again import ask_before_secrets, asks_again
from .models import ApiToken, Team, User
from .people import assign_to_teams
from .sessions import BY_AN_ADMINISTRATOR, Session, end_sessions
from .wording import said

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse

# Roles are a table in the code, written to groups by a command: editing a group here would be undone by the next one.
admin.site.unregister(Group)
# What people sign in with is theirs; an administrator takes it away as a whole, on record.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)

OWN_FIELDS = ["groups", "is_active", "is_staff", "is_service_account"]
"""What nobody changes about herself."""


def _is_guarded(person: User) -> bool:
    """Tell whether somebody signs, or confirms what others may sign for."""
    return bool(person.role_names & import_string(settings.ROLES_GUARDED))


@admin.register(User)
class PersonAdmin(PortalAdmin[User], UserAdmin[User]):
    """Who may come in, in which roles, for which teams. People leave by losing the tick “active”."""

    form = PersonForm
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "is_staff", "is_service_account"]
    list_filter = ["groups", "is_active", "is_service_account"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    actions = ["invite", "end_sessions", "take_factors"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (said("Who it is"), {"fields": ["first_name", "last_name", "email"]}),
        (said("What they do"), {"fields": ["groups", "is_small_team", "compensating_review", "teams"]}),
        (said("How they come in"), {"fields": ["is_active", "is_staff", "is_service_account"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Load the roles with the people."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers change superusers; otherwise an administrator would make herself one by a password."""
        is_above = obj is not None and obj.is_superuser and not person_of(request).is_superuser
        return not is_above and super().has_change_permission(request, obj)

    @admin.action(description=gettext_lazy("Mail a link to set a password"), permissions=["change"])
    def invite(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let each set her own; nobody else ever knows it."""
        count = import_string(settings.LINKS_SENT)(people, why="invited")
        self.message_user(
            request, said("A link is on its way to {count}. Who has no mail address gets none.", count=count)
        )

    @admin.action(description=gettext_lazy("Sign out everywhere"), permissions=["change"])
    @asks_again()
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse:
        """End every session of each; who is wanted out for good loses the tick “active” too."""
        for person in people:
            with transaction.atomic():
                end_sessions(Session.objects.filter(user=person), why=BY_AN_ADMINISTRATOR, at=timezone.now())
                self._record(request, person, f"signed {person.username} out everywhere.")
        self.message_user(request, said("They are signed out everywhere."))
        return HttpResponseRedirect(request.get_full_path())

    @admin.action(description=gettext_lazy("Take away the second step (lost phone or key)"), permissions=["change"])
    @asks_again()
    def take_factors(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse:
        """Let somebody set hers up anew, signed out everywhere; never one's own, and of superusers only for them."""
        actor = person_of(request)
        for person in people:
            if person.pk == actor.pk or (person.is_superuser and not actor.is_superuser):
                self.message_user(
                    request,
                    said("The second step of {person} stays: somebody else takes it.", person=person),
                    messages.ERROR,
                )
                continue
            with transaction.atomic():
                Authenticator.objects.filter(user=person).delete()
                end_sessions(Session.objects.filter(user=person), why=BY_AN_ADMINISTRATOR, at=timezone.now())
                self._record(request, person, f"took away the second step of {person.username}.")
            self.message_user(request, said("{person} sets up a second step at the next sign-in.", person=person))
        return HttpResponseRedirect(request.get_full_path())

    def _record(self, request: HttpRequest, person: User, sentence: str) -> None:
        record = import_string(settings.MEANS_RECORDED)
        record(person=person, sentence=sentence, actor=person_of(request), at=timezone.now())

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show superusers who else is one."""
        shown = super().get_fieldsets(request, obj)
        if obj is None:
            return shown
        if person_of(request).is_superuser:
            return [*shown, (said("Above all roles"), {"fields": ["is_superuser"]})]
        if _is_guarded(obj):
            # Beside it stands a button to set it, which a superuser alone may press.
            return [(None, {"fields": ["username"]}), *shown[1:]]
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Keep one's own roles out of one's own hands, and the mailbox and nature of whoever signs out of others'."""
        actor = person_of(request)
        if obj is None:
            return []
        own = [*OWN_FIELDS, "is_superuser"] if obj.pk == actor.pk else []
        # Links to set a password go to this address.
        is_guarded = _is_guarded(obj) or import_string(settings.ROLES_AWAITED)(obj)
        if is_guarded and not actor.is_superuser:
            own.append("email")
        # Who turned a person who signs into a machine, or a machine into one, would hold a token that acts as her.
        if is_guarded or ApiToken.objects.filter(user=obj).exists():
            own.append("is_service_account")
        return own

    def save_related(self, request: HttpRequest, form: ModelForm[User], formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write the teams as object permissions, record which roles were given, and keep guarded ones waiting."""
        waits = "groups" in form.cleaned_data and self._withhold(request, cast("PersonForm", form))
        super().save_related(request, form, formsets, change)
        is_self = form.instance.pk == person_of(request).pk
        if "teams" in form.changed_data and is_self:
            self.message_user(request, said("Somebody else says which teams you work for."), messages.WARNING)
        elif "teams" in form.cleaned_data:
            assign_to_teams(user=form.instance, teams=form.cleaned_data["teams"])
        if "groups" in form.cleaned_data:
            form.instance.__dict__.pop("_role_names", None)
            import_string(settings.ROLES_RECORDED)(
                person=form.instance,
                before=cast("PersonForm", form).roles_before,
                review="" if waits else form.cleaned_data.get("compensating_review", "").strip(),
                actor=person_of(request),
                at=timezone.now(),
            )

    def _withhold(self, request: HttpRequest, form: PersonForm) -> bool:
        """Take out of the form what waits for a second person; answer whether anything does."""
        withheld = import_string(settings.ROLES_WITHHELD)(
            person=form.instance,
            wanted={group.name for group in form.cleaned_data["groups"]},
            before=form.roles_before,
            review=form.cleaned_data.get("compensating_review", "").strip(),
            actor=person_of(request),
            at=timezone.now(),
        )
        if withheld:
            form.cleaned_data["groups"] = form.cleaned_data["groups"].exclude(name__in=withheld)
            named = ", ".join(sorted(withheld))
            self.message_user(
                request, said("Waits for a second person under Authority: {named}.", named=named), messages.WARNING
            )
        return bool(withheld)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Ask who adds somebody before a password is typed."""
        asked = ask_before_secrets(request) if self.has_add_permission(request) else None
        return super().add_view(request, form_url, extra_context) if asked is None else asked

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """Ask who changes somebody: a role is a door, and links for a new password go to the mailbox."""
        change = super().change_view if self.has_change_permission(request) else None
        if change is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return asks_again()(change)(request, object_id, form_url, extra_context)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's
        """Set somebody's password, and record it; only a superuser sets that of whoever signs or confirms limits."""
        # Under a lock: a role that is confirmed at this moment counts.
        person = self.get_object(request, unquote(id))
        if person is not None:
            person = User.objects.select_for_update().get(pk=person.pk)
        if person is not None and _is_guarded(person) and not person_of(request).is_superuser:
            raise PermissionDenied
        asked = ask_before_secrets(request) if self.has_change_permission(request, person) else None
        if asked is not None:
            return asked
        answer = super().user_change_password(request, id, form_url)
        if person is not None and not User.objects.filter(pk=person.pk, password=person.password).exists():
            # What was shown with the old password is shown no longer.
            ApiToken.objects.filter(user=person).update(step_up_until=None)
            import_string(settings.CREDENTIAL_RECORDED)(person=person, actor=person_of(request), at=timezone.now())
        return answer

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        """Name the roles."""
        return ", ".join(sorted(group.name for group in person.groups.all()))


@admin.register(Team)
class TeamAdmin(PortalAdmin[Team]):
    """Brands, regions and stores."""

    form = TeamForm
    list_display = ["name", "slug", "currency", "time_zone"]
    search_fields = ["name", "slug"]
    ordering = ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the word and the currency that requests were made under."""
        return [] if obj is None else ["slug", "currency"]
