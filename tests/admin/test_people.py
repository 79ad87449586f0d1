"""People, teams, tokens, and who gets in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from config.kernel.people import Team, User, team_ids_of
from config.kernel.tokens import ApiToken
from tests.admin.desk import desk_of
from tests.harness.people import fresh

if TYPE_CHECKING:
    from tests.harness.world import World

CHANGE = "admin:kernel_user_change"


def typed(person: User, **changes: Any) -> dict[str, Any]:
    """Fill the page in as it stands, with changes."""
    filled = {
        "username": person.username,
        "first_name": person.first_name,
        "groups": list(person.groups.values_list("pk", flat=True)),
        "teams": list(team_ids_of(person)),
        "is_active": "on",
        **({"is_staff": "on"} if person.is_staff else {}),
    }
    return {key: value for key, value in {**filled, **changes}.items() if value is not None}


class TestTheAdminSite:
    def test_sends_strangers_to_the_portals_login(self, world: World) -> None:
        answer = Client().get("/admin/policies/policy/", follow=True)

        front_door = f"{resolve_url(settings.LOGIN_URL)}?next="
        assert [address for address, _ in answer.redirect_chain][-1].startswith(front_door)
        assert "admin/login.html" not in [template.name for template in answer.templates]

    def test_never_leads_to_another_host_after_login(self, world: World) -> None:
        answer = Client().get("/admin/login/?next=https://elsewhere.example/")

        assert "elsewhere" not in answer["Location"]

    @pytest.mark.parametrize("name", ["amir", "dana", "lena", "nobody", "bot"])
    def test_is_closed_to_those_who_are_no_staff(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        answer = desk_of(request.getfixturevalue(name)).get("/admin/")

        assert answer.status_code == 403
        assert "These pages are for people who set Redress up." in answer.content.decode()

    def test_is_closed_to_a_machine_that_was_made_staff(self, world: World, bot: User) -> None:
        bot.is_staff = True
        bot.save()

        assert desk_of(bot).get("/admin/").status_code == 403

    @pytest.mark.parametrize("name", ["mei", "milo", "root", "zeus"])
    def test_opens_to_staff(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        assert desk_of(request.getfixturevalue(name)).get("/admin/").status_code == 200


class TestAPerson:
    def test_gets_roles_and_teams(self, world: World, root: User, nobody: User) -> None:
        roles = list(Group.objects.filter(name__in=["agent"]).values_list("pk", flat=True))

        answer = desk_of(root).post(
            reverse(CHANGE, args=[nobody.pk]), typed(nobody, groups=roles, teams=[world.team("us-dtc").pk])
        )

        assert answer.status_code == 302
        assert fresh(nobody).role_names == {"agent"}
        assert team_ids_of(fresh(nobody)) == {world.team("us-dtc").pk}

    def test_is_never_made_a_superuser_by_an_administrator(self, world: World, root: User, amir: User) -> None:
        desk_of(root).post(reverse(CHANGE, args=[amir.pk]), typed(amir, is_superuser="on"))

        assert not fresh(amir).is_superuser

    def test_gives_herself_no_role(self, world: World, root: User) -> None:
        approver = list(Group.objects.filter(name="approver").values_list("pk", flat=True))

        desk_of(root).post(reverse(CHANGE, args=[root.pk]), typed(root, groups=approver, first_name="Rooty"))

        assert fresh(root).role_names == {"administrator"}
        assert fresh(root).first_name == "Rooty"

    def test_moves_herself_to_no_team(self, world: World, root: User) -> None:
        before = team_ids_of(root)

        desk_of(root).post(reverse(CHANGE, args=[root.pk]), typed(root, teams=[world.team("us-dtc").pk]))

        assert team_ids_of(fresh(root)) == before != {world.team("us-dtc").pk}

    def test_above_all_roles_is_not_touched_by_an_administrator(self, world: World, root: User, zeus: User) -> None:
        desk = desk_of(root)
        words = {"password1": "a long enough secret", "password2": "a long enough secret"}

        assert desk.post(reverse(CHANGE, args=[zeus.pk]), typed(zeus, first_name="Z")).status_code == 403
        assert desk.post(reverse("admin:auth_user_password_change", args=[zeus.pk]), words).status_code == 403
        assert not fresh(zeus).check_password("a long enough secret")

    def test_is_given_no_button_for_the_password_of_whoever_signs(
        self, world: World, root: User, amir: User, dana: User, zeus: User
    ) -> None:
        desk = desk_of(root)

        assert "../password/" in desk.get(reverse(CHANGE, args=[amir.pk])).text
        assert "../password/" not in desk.get(reverse(CHANGE, args=[dana.pk])).text
        assert "../password/" in desk_of(zeus).get(reverse(CHANGE, args=[dana.pk])).text

    def test_is_switched_off_and_not_deleted(self, world: World, root: User, amir: User) -> None:
        desk = desk_of(root)

        desk.post(reverse(CHANGE, args=[amir.pk]), typed(amir, is_active=None))

        assert not fresh(amir).is_active
        assert desk.post(reverse("admin:kernel_user_delete", args=[amir.pk]), {"post": "yes"}).status_code == 403

    def test_who_is_a_machine_opens_no_page(self, world: World, root: User, bot: User) -> None:
        answer = desk_of(root).post(reverse(CHANGE, args=[bot.pk]), typed(bot, is_service_account="on", is_staff="on"))

        assert "is_service_account" in answer.context["adminform"].form.errors

    def test_is_added_without_rights(self, world: World, root: User) -> None:
        filled = {"username": "nora", "usable_password": "false"}

        desk_of(root).post(reverse("admin:kernel_user_add"), filled)

        nora = User.objects.get(username="nora")
        assert (nora.is_staff, nora.is_superuser, nora.role_names, nora.has_usable_password()) == (
            False,
            False,
            frozenset(),
            False,
        )


class TestATeam:
    def test_has_a_real_currency(self, world: World, root: User) -> None:
        desk, filled = desk_of(root), {"name": "Japan", "slug": "jp", "time_zone": "Asia/Tokyo"}

        refused = desk.post(reverse("admin:kernel_team_add"), {**filled, "currency": "YEN"})
        assert "currency" in refused.context["adminform"].form.errors
        desk.post(reverse("admin:kernel_team_add"), {**filled, "currency": "jpy"})

        assert Team.objects.get(slug="jp").currency == "JPY"


class TestAToken:
    def test_is_revoked_after_a_confirmation(self, world: World, root: User, bot: User) -> None:
        token, secret = ApiToken.objects.create(user=bot)
        desk, address = desk_of(root), reverse("admin:kernel_apitoken_revoke", args=[token.pk])

        assert secret not in desk.get(address).content.decode()
        assert ApiToken.objects.filter(pk=token.pk).exists()
        desk.post(address)

        assert not ApiToken.objects.filter(pk=token.pk).exists()
        answer = Client().get("/api/v1/policies", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401

    def test_is_not_revoked_without_the_right(self, world: World, mei: User, bot: User) -> None:
        token, _ = ApiToken.objects.create(user=bot)

        assert desk_of(mei).post(reverse("admin:kernel_apitoken_revoke", args=[token.pk])).status_code == 403
        assert ApiToken.objects.filter(pk=token.pk).exists()
