"""Every address of the API for a machine's token: its scopes open what they name, and nothing its bearer has not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.scopes import READ, READING, WRITE, area_of, areas
from config.kernel.tokens import ApiToken
from tests.harness.people import settle

from .access_table import rows
from .addresses import patterns
from .asking import status_of
from .samples import Sample, far_away
from .test_access import OF_NO_TEAM

if TYPE_CHECKING:
    from tests.harness.world import World

ROUTES = {name: route for name, route, _ in patterns()}
OPERATIONS = [(method, name, told["bot"]) for method, name, told in rows() if area_of(ROUTES[name])]
"""Method, name and what a token without scopes hears."""

FORBIDDEN, NOT_FOUND = 403, 404


def client_with(*scopes: str) -> Client:
    """Call as the bot, with a token for these scopes."""
    token, secret = ApiToken.objects.create(user=settle("bot"))
    ApiToken.objects.filter(pk=token.pk).update(scopes=list(scopes))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def word_of(method: str) -> str:
    """Name what a method does."""
    return READ if method in READING else WRITE


@pytest.mark.slow
@pytest.mark.django_db
class TestATokenOfAMachine:
    def test_opens_by_its_scopes_what_its_bearer_may_do(self, world: World) -> None:
        sample = Sample(world, world.team(), settle("amir"))
        tokens = {f"{area}:{word}": client_with(f"{area}:{word}") for area in areas() for word in (READ, WRITE)}
        tokens["none"] = client_with()

        wrong = []
        for method, name, told in OPERATIONS:
            area = area_of(ROUTES[name])
            another = areas()[areas().index(area) - 1]
            reads = told if word_of(method) == READ else FORBIDDEN
            expected = {"none": told, f"{area}:{WRITE}": told, f"{area}:{READ}": reads, f"{another}:{WRITE}": FORBIDDEN}
            for scope, status in expected.items():
                heard = status_of(tokens[scope], method, name, ROUTES[name], sample)
                if heard != status:
                    wrong.append(f"{method} {name} with {scope}: {heard} instead of {status}")

        assert wrong == []

    def test_opens_nothing_of_a_team_its_bearer_does_not_work_for(self, world: World) -> None:
        sample = Sample(world, *far_away())
        tokens = {area: client_with(f"{area}:{WRITE}") for area in areas()}

        told = [
            f"{method} {name}: {heard}"
            for method, name, _ in OPERATIONS
            if "<" in ROUTES[name] and name not in OF_NO_TEAM
            for heard in [status_of(tokens[area_of(ROUTES[name])], method, name, ROUTES[name], sample)]
            if heard not in {FORBIDDEN, NOT_FOUND}
        ]

        assert told == []

    def test_hears_which_scope_is_missing(self, world: World) -> None:
        for method, name, _ in OPERATIONS:
            area = area_of(ROUTES[name])
            if "<" in ROUTES[name] or method == "DELETE":
                continue
            another = areas()[areas().index(area) - 1]
            client = client_with(f"{another}:{WRITE}")
            answer = getattr(client, method.lower())(f"/{ROUTES[name]}", content_type="application/json")
            assert answer.status_code == FORBIDDEN
            assert f"“{area}:{word_of(method)}”" in json.loads(answer.content)["detail"]
