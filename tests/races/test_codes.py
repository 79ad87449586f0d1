"""Two administrators at one catalogue in the same instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import OutOfDate, Refused
from evidence.ledger import timeline_of
from policies import cataloguing
from policies.cataloguing import CodeWords, subject_of
from policies.models import ExceptionCode
from policies.vocabulary import CodeKind, CodeState
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import AnyCode
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True)]

KIND = CodeKind.EXCEPTION


class TestMerging:
    def test_into_each_other_leaves_one_code_active(self, world: World, root: User) -> None:
        def merge(code: str, into: str) -> AnyCode:
            return cataloguing.merge_into(kind=KIND, code=code, into=into, actor=root, at=NOON)

        results = in_the_same_instant(
            lambda: merge("PRORATION", "UNUSED_RENEWAL"), lambda: merge("UNUSED_RENEWAL", "PRORATION")
        )

        (lost,) = losers(results)
        assert isinstance(lost, Refused)
        states = ExceptionCode.objects.filter(pk__in=["PRORATION", "UNUSED_RENEWAL"]).values_list("state", flat=True)
        assert sorted(states) == [CodeState.ACTIVE, CodeState.MERGED]

    def test_into_a_code_that_retires_leaves_no_heir_out_of_use_unnoticed(self, world: World, root: User) -> None:
        def merge() -> AnyCode:
            return cataloguing.merge_into(kind=KIND, code="PRORATION", into="UNUSED_RENEWAL", actor=root, at=NOON)

        def retire() -> AnyCode:
            return cataloguing.retire(kind=KIND, code="UNUSED_RENEWAL", actor=root, at=NOON)

        merged, retired = in_the_same_instant(merge, retire)

        assert not isinstance(retired, Exception)
        told = [entry.kind.partition(".")[2] for entry in timeline_of(subject_of(KIND, "UNUSED_RENEWAL"))]
        assert told == (["retired"] if isinstance(merged, Refused) else ["took_over", "retired"])


class TestSaving:
    def test_of_the_same_new_code_is_told_to_the_second(self, world: World, root: User) -> None:
        def save(owner: str) -> AnyCode:
            words = CodeWords(label="Flood", leakage_class="fraud", owner=owner, playbook="Dry it.", sla_hours=1)
            return cataloguing.save_code(kind=KIND, code="FLOODED", words=words, actor=root, at=NOON)

        results = in_the_same_instant(lambda: save("Legal"), lambda: save("Risk"))

        told = [entry.kind.partition(".")[2] for entry in timeline_of(subject_of(KIND, "FLOODED"))]
        if losers(results):
            assert isinstance(losers(results)[0], OutOfDate)
            assert told == ["drafted"]
        else:
            assert told == ["drafted", "changed"]
