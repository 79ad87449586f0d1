"""The examples of the schema: each is what its schema says, each body is sent, each answer has the shape that comes."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from config.api_examples import known_examples
from tests.architecture.addresses import patterns
from tests.architecture.asking import forgotten
from tests.architecture.samples import Sample
from tests.harness.people import settle
from tests.refunds.breaks.found import a_break

from .conftest import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

WHO = {
    "approve_decision": "dana",
    "approve_refund_request": "dana",
    "ask_erasure": "root",
    "ask_for_decision": "bot",
    "ask_for_population": "ada",
    "ask_refund_request": "dana",
    "check_refund_request": "amir",
    "close_remediation_item": "sam",
    "decline_decision": "dana",
    "decline_refund_request": "dana",
    "draw_sample": "sam",
    "file_refund_request": "amir",
    "file_refund_requests": "amir",
    "grant_exception_for_refund_request": "mei",
    "hold_refund_request": "dana",
    "install_typed_template": "mei",
    "offer_delegation": "dana",
    "propose_payout_for_refund_request": "lena",
    "publish_policy_version": "mei",
    "recall_refund_request": "dana",
    "resolve_break": "lena",
    "review_policy_version": "milo",
    "set_freeze": "lena",
    "simulate_policy": "root",
    "start_shadow_of_policy_version": "mei",
    "upsert_order": "bot",
    "withdraw_refund_request": "amir",
}
"""Who sends each example. What comes as a file, and what needs a month of books, has tests of its own."""

FORGED = {"state": "reconciled", "requested_by": 1, "approved_minor": 1}
"""What nobody may say of herself or of a request; who sends it is told so, and nothing is done."""

ASKED_FOR = {("ask_for_population", "state")}
"""Where one of these is a word of the body after all: which requests a bundle holds."""

SENT_ELSEWHERE = {"add_evidence", "upload_statement", "sign_off_period"}
OF_ORDERS = {"check_refund_request", "file_refund_request", "file_refund_requests", "ask_erasure"}
"""What is about the order of the other example."""


@cache
def document() -> dict[str, Any]:
    """Read the schema as it is served."""
    read: dict[str, Any] = Client().get("/api/schema/?format=json").json()
    return read


def spoken() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Walk through address and name of every operation that takes a body."""
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            if "requestBody" in operation:
                yield path, operation["operationId"], operation


def illustrated(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk through what an operation takes and what it gives."""
    for media in operation["requestBody"]["content"].values():
        yield "body", media
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for media in answer["content"].values():
                yield status, media


def shape_of(value: Any) -> Any:
    """Keep the names of an answer, all the way down its objects."""
    return {name: shape_of(inner) for name, inner in value.items()} if isinstance(value, dict) else None


@pytest.fixture
def sample(world: World, clock_of_the_story: None) -> Sample:
    """Have one of everything."""
    return Sample(world, world.team(), settle("amir"))


def answer_to(operation_id: str, path: str, sample: Sample, more: dict[str, Any] | None = None) -> Any:
    """Send the example of an operation, and `more` in it, to what it is about."""
    routes = {re.sub(r"<\w+:(\w+)>", r"{\1}", f"/{route}"): (name, route) for name, route, _ in patterns()}
    name, route = routes[path]
    words = sample.words_for(name, route)
    if operation_id == "resolve_break":
        words["break_id"] = a_break(-5_00).pk
    if operation_id == "close_remediation_item":
        words["item_id"] = sample.items["propose_closing"]
    operation = next(found for _, known, found in spoken() if known == operation_id)
    (media,) = operation["requestBody"]["content"].values()
    with forgotten():
        if operation_id in OF_ORDERS:
            Caller(settle("bot")).post("orders", known_examples()["OrderBodyRequest"])
        if operation_id == "publish_policy_version":
            scheduled = sample.editions["policies_api:retire"]
            Caller(settle("mei")).post(f"policies/{words['slug']}/versions/{scheduled.number}/retire")
        address = reverse(name, kwargs=words).removeprefix("/api/v1/")
        return Caller(settle(WHO[operation_id])).fresh().post(address, media["example"] | (more or {}))


@pytest.mark.django_db
class TestExamples:
    def test_stand_beside_every_body_and_every_answer_to_one(self) -> None:
        bare = [
            f"{name}: {what}"
            for _, name, operation in spoken()
            for what, media in illustrated(operation)
            if "example" not in media
        ]

        assert bare == []

    def test_are_what_their_schema_says(self) -> None:
        wrong = [
            f"{name}: {what}: {fault.json_path}: {fault.message[:200]}"
            for _, name, operation in spoken()
            for what, media in illustrated(operation)
            for fault in Draft202012Validator({**media["schema"], "components": document()["components"]}).iter_errors(
                media.get("example")
            )
        ]

        assert wrong == []

    def test_are_all_of_use(self) -> None:
        used = [media["example"] for _, _, operation in spoken() for _, media in illustrated(operation)]

        assert [name for name, example in known_examples().items() if example not in used] == []

    def test_are_sent_or_excused(self) -> None:
        assert {name for _, name, _ in spoken()} == WHO.keys() | SENT_ELSEWHERE

    @pytest.mark.slow
    def test_are_understood_and_answered_in_the_shape_they_show(self, sample: Sample) -> None:
        wrong = []
        for path, name, operation in spoken():
            if name in SENT_ELSEWHERE:
                continue
            answer = answer_to(name, path, sample)
            shown = dict(illustrated(operation)).get(str(answer.status_code), {}).get("example")
            if shown is None or shape_of(shown).keys() != shape_of(answer.json()).keys():
                wrong.append(f"{name}: {answer.status_code} {answer.content[:300]!r}")

        assert wrong == []

    @pytest.mark.slow
    def test_are_refused_with_words_that_the_portal_alone_writes(self, sample: Sample) -> None:
        taken = []
        for path, name, _ in spoken():
            if name in SENT_ELSEWHERE:
                continue
            forged = {word: value for word, value in FORGED.items() if (name, word) not in ASKED_FOR}
            answer = answer_to(name, path, sample, forged)
            unknown = {fault["field"] for fault in answer.json()["errors"] if fault["code"] == "unknown_field"}
            if answer.status_code != 400 or unknown != forged.keys():
                taken.append(f"{name}: {answer.status_code} {answer.content[:200]!r}")

        assert taken == []
