"""A role that signs is confirmed in the very instant in which an administrator sets a password for it."""

from __future__ import annotations

from functools import partial

import pytest
from django.urls import reverse

from approvals.services.granting import confirm_grant
from config.kernel.people import User
from tests.admin.desk import desk_of
from tests.approvals.test_role_grants import TestAPassword, proposed
from tests.harness.people import fresh, settle
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORD = TestAPassword.WORDS["password1"]


def set_password(person: User, root: User) -> int:
    """Let Root set it; answers the status of the page."""
    address = reverse(TestAPassword.ADDRESS, args=[person.pk])
    return desk_of(root).post(address, TestAPassword.WORDS).status_code


class TestAPasswordSetMeanwhile:
    @pytest.mark.parametrize("again", range(3))
    def test_is_refused_or_ends(self, again: int) -> None:
        World()
        root, zeus, person = settle("root"), settle("zeus"), settle("nobody")
        User.objects.filter(pk=person.pk).update(email="nobody@redress.example", password="!")
        grant = proposed(fresh(person), root)

        results = in_the_same_instant(
            partial(set_password, person, root), partial(confirm_grant, grant_id=grant.pk, actor=zeus, at=NOON)
        )

        assert losers(results) == []
        assert fresh(person).role_names == {"approver"}
        assert not fresh(person).check_password(WORD)
