"""The life of a standard code: drafted, put to use, retired, merged; and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence import ledger
from policies import cataloguing
from policies.catalogue import EXCEPTIONS, REASONS
from policies.cataloguing import CodeWords, subject_of
from policies.models import CODE_MODELS, ExceptionCode, ReasonCode
from policies.offered_codes import codes_covering, why_not_offered
from policies.vocabulary import CodeKind, CodeState
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import AnyCode
    from tests.harness.world import World

EXCEPTION, REASON = CodeKind.EXCEPTION, CodeKind.REASON
WORDS = CodeWords(
    label="Flooded warehouse",
    leakage_class="unavoidable",
    owner="Logistics",
    playbook="Refund in full, claim on the insurance.",
    sla_hours=24,
    evidence_kinds=("photo",),
)


def told_of(kind: CodeKind, code: str) -> list[tuple[str, str]]:
    """Tell what the ledger says of a code: news and who."""
    return [(entry.kind, entry.actor_name) for entry in ledger.timeline_of(subject_of(kind, code))]


def stored(kind: CodeKind, code: str) -> AnyCode:
    """Read a code anew."""
    return CODE_MODELS[kind].objects.get(pk=code)


def saved(code: str = "FLOODED", *, by: User, words: CodeWords = WORDS) -> AnyCode:
    """Save an exception code."""
    return cataloguing.save_code(kind=EXCEPTION, code=code, words=words, actor=by, at=NOON)


class TestSaving:
    def test_begins_as_a_draft_that_the_ledger_tells_of(self, world: World, root: User) -> None:
        saved(by=root)

        assert stored(EXCEPTION, "FLOODED").state == CodeState.DRAFT
        assert told_of(EXCEPTION, "FLOODED") == [("exception_code.drafted", "Root")]
        assert why_not_offered(EXCEPTION, "FLOODED") == "FLOODED is a draft; it is not in use yet."

    def test_tells_what_was_and_what_is(self, world: World, root: User) -> None:
        saved(by=root)
        saved(by=root, words=replace(WORDS, owner="Legal", sla_hours=48))

        entry = ledger.timeline_of(subject_of(EXCEPTION, "FLOODED")).last()
        assert entry is not None
        assert '"before":{"owner":"Logistics","sla_hours":24}' in entry.payload
        assert '"after":{"owner":"Legal","sla_hours":48}' in entry.payload
        assert entry.sentence == "changed the exception code FLOODED: owner, sla hours."

    def test_tells_nothing_when_nothing_changes(self, world: World, root: User) -> None:
        saved(by=root)
        saved(by=root)

        assert len(told_of(EXCEPTION, "FLOODED")) == 1

    def test_leaves_the_state_alone(self, world: World, root: User) -> None:
        saved("NO_RECEIPT", by=root)

        assert stored(EXCEPTION, "NO_RECEIPT").state == CodeState.ACTIVE
        assert stored(EXCEPTION, "NO_RECEIPT").owner == "Logistics"

    @pytest.mark.parametrize("kind", CodeKind)
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"owner": ""}, "owner"),
            ({"owner": " \t"}, "owner"),
            ({"playbook": "\n"}, "playbook"),
            ({"label": ""}, "label"),
            ({"sla_hours": 0}, "sla_hours"),
            ({"leakage_class": "magic"}, "leakage_class"),
            ({"evidence_kinds": ("rumour",)}, "evidence_kinds"),
            ({"most_share_basis_points": 10_001}, "most_share_basis_points"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, kind: CodeKind, changes: dict[str, Any], field: str
    ) -> None:
        code = "FLOODED" if kind == EXCEPTION else "flooded"
        with pytest.raises(Refused) as refused:
            cataloguing.save_code(kind=kind, code=code, words=replace(WORDS, **changes), actor=root, at=NOON)

        assert [reason.field for reason in refused.value.reasons] == [field]
        assert not CODE_MODELS[kind].objects.filter(pk=code).exists()
        assert told_of(kind, code) == []

    @pytest.mark.parametrize("code", ["flooded", "F", "FLOODED WAREHOUSE", ""])
    def test_is_refused_for_an_odd_word(self, world: World, root: User, code: str) -> None:
        with pytest.raises(Refused) as refused:
            saved(code, by=root)

        assert [reason.field for reason in refused.value.reasons] == ["code"]
        assert ExceptionCode.objects.count() == len(EXCEPTIONS)

    def test_is_for_administrators(self, world: World, mei: User) -> None:
        for code in ("FLOODED", "NO_RECEIPT"):
            with pytest.raises(NotPermitted):
                saved(code, by=mei)

        assert stored(EXCEPTION, "NO_RECEIPT").label == "No original transaction"

    def test_of_an_owner_or_playbook_of_blanks_is_refused_by_the_database_too(self, world: World) -> None:
        for model in CODE_MODELS.values():
            for column in ("owner", "playbook"):
                with pytest.raises(IntegrityError), transaction.atomic():
                    model.objects.update(**{column: " "})


class TestTheLife:
    @pytest.mark.parametrize("kind", CodeKind)
    def test_goes_from_draft_to_active_to_retired_and_back(self, world: World, root: User, kind: CodeKind) -> None:
        code = "FLOODED" if kind == EXCEPTION else "flooded"
        cataloguing.save_code(kind=kind, code=code, words=WORDS, actor=root, at=NOON)
        cataloguing.activate(kind=kind, code=code, actor=root, at=NOON)
        assert why_not_offered(kind, code) == ""

        cataloguing.retire(kind=kind, code=code, actor=root, at=NOON)
        assert stored(kind, code).retired_at == NOON
        assert why_not_offered(kind, code) == f"{code} was retired and is not used for anything new."

        cataloguing.activate(kind=kind, code=code, actor=root, at=NOON)
        assert (stored(kind, code).state, stored(kind, code).retired_at) == (CodeState.ACTIVE, None)
        told = [word.rpartition(".")[2] for word, _ in told_of(kind, code)]
        assert told == ["drafted", "activated", "retired", "activated"]

    @pytest.mark.parametrize("verb", ["activate", "retire", "merge_into"])
    def test_is_led_by_administrators(self, world: World, mei: User, verb: str) -> None:
        more = {"into": "OTHER"} if verb == "merge_into" else {}

        with pytest.raises(NotPermitted, match=r"policies\.change_exceptioncode"):
            getattr(cataloguing, verb)(kind=EXCEPTION, code="PRORATION", **more, actor=mei, at=NOON)

        assert stored(EXCEPTION, "PRORATION").state == CodeState.ACTIVE

    def test_moves_nothing_twice(self, world: World, root: User) -> None:
        cataloguing.retire(kind=REASON, code="damaged", actor=root, at=NOON)

        with pytest.raises(OutOfDate, match="damaged is retired by now"):
            cataloguing.retire(kind=REASON, code="damaged", actor=root, at=NOON)
        assert len(told_of(REASON, "damaged")) == 1


class TestMerging:
    def test_names_the_successor_wherever_the_code_is_asked_for(self, world: World, root: User) -> None:
        cataloguing.merge_into(kind=EXCEPTION, code="LATE_DELIVERY", into="ITEM_NOT_RECEIVED", actor=root, at=NOON)

        said = "LATE_DELIVERY was merged into ITEM_NOT_RECEIVED; use that."
        assert why_not_offered(EXCEPTION, "LATE_DELIVERY") == said
        assert codes_covering(["LATE_DELIVERY", "OTHER", "NEVER_HEARD_OF"]) == ["ITEM_NOT_RECEIVED", "OTHER"]
        assert told_of(EXCEPTION, "LATE_DELIVERY") == [("exception_code.merged", "Root")]
        assert told_of(EXCEPTION, "ITEM_NOT_RECEIVED") == [("exception_code.took_over", "Root")]

    def test_leads_on_to_the_last_of_a_line(self, world: World, root: User) -> None:
        for code, into in (("damaged", "wrong_item"), ("wrong_item", "not_as_described")):
            cataloguing.merge_into(kind=REASON, code=code, into=into, actor=root, at=NOON)
        assert why_not_offered(REASON, "damaged") == "damaged was merged into not_as_described; use that."

        cataloguing.retire(kind=REASON, code="not_as_described", actor=root, at=NOON)
        assert why_not_offered(REASON, "damaged") == "damaged was merged into not_as_described, which was retired."

    @pytest.mark.parametrize(
        ("into", "said"),
        [
            ("PRORATION", "merged into itself"),
            ("FLOODED", "FLOODED is draft"),
            ("NO_RECEIPT", "NO_RECEIPT is retired"),
            ("NEVER_HEARD_OF", "no code “NEVER_HEARD_OF”"),
            ("damaged", "no code “damaged”"),
        ],
    )
    def test_is_refused_unless_into_another_active_code(self, world: World, root: User, into: str, said: str) -> None:
        saved(by=root)
        cataloguing.retire(kind=EXCEPTION, code="NO_RECEIPT", actor=root, at=NOON)

        with pytest.raises(Refused, match=said):
            cataloguing.merge_into(kind=EXCEPTION, code="PRORATION", into=into, actor=root, at=NOON)
        assert stored(EXCEPTION, "PRORATION").state == CodeState.ACTIVE
        assert told_of(EXCEPTION, "PRORATION") == []

    def test_is_final(self, world: World, root: User) -> None:
        cataloguing.merge_into(kind=REASON, code="damaged", into="other", actor=root, at=NOON)

        with pytest.raises(OutOfDate, match="merged"):
            cataloguing.activate(kind=REASON, code="damaged", actor=root, at=NOON)
        with pytest.raises(OutOfDate, match="merged into other and stays"):
            cataloguing.save_code(kind=REASON, code="damaged", words=WORDS, actor=root, at=NOON)
        assert stored(REASON, "damaged").merged_into_id == "other"

    def test_is_kept_honest_by_the_database(self, world: World) -> None:
        for change in ({"merged_into": "damaged"}, {"state": "merged"}, {"state": "forgotten"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ReasonCode.objects.filter(pk="damaged").update(**change)


class TestTheCatalogue:
    def test_starts_active_with_an_owner_and_a_playbook_each(self, world: World) -> None:
        assert (len(REASONS), len(EXCEPTIONS)) == (13, 18)
        for model, count in ((ReasonCode, 13), (ExceptionCode, 18)):
            rows = list(model.objects.filter(state=CodeState.ACTIVE))
            assert len(rows) == count
            assert all(row.when_to_use and row.when_not_to_use and row.sla_hours for row in rows)

    def test_caps_what_says_nothing(self, world: World) -> None:
        capped = [
            row.code for model in CODE_MODELS.values() for row in model.objects.filter(most_share_basis_points=500)
        ]

        assert capped == ["other", "OTHER"]

    def test_leaves_codes_alone_that_people_edited(self, world: World, root: User) -> None:
        saved("NO_RECEIPT", by=root)
        cataloguing.retire(kind=REASON, code="damaged", actor=root, at=NOON)

        cataloguing.write_catalogue()

        assert stored(EXCEPTION, "NO_RECEIPT").label == "Flooded warehouse"
        assert stored(REASON, "damaged").state == CodeState.RETIRED
