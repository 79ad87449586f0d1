"""Salted digests: what the ledger says of a text without holding it."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.models import SubjectSalt
from tests.harness.races import in_the_same_instant

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries


@pytest.mark.django_db
class TestSaltedDigest:
    def test_is_an_hmac_under_the_salt_of_the_subject(self, subject: Subject) -> None:
        digest = ledger.salted_digest(subject, "Mrs Zykwort asked twice.")

        salt = bytes(SubjectSalt.objects.get().salt)
        assert len(salt) == 32
        assert digest == hmac.new(salt, b"Mrs Zykwort asked twice.", hashlib.sha256).hexdigest()

    def test_is_the_same_again_for_one_subject_and_another_for_the_next(self, subject: Subject) -> None:
        other = Subject("plea", new_id())

        digests = [ledger.salted_digest(one, "No.") for one in (subject, subject, other)]

        assert digests[0] == digests[1] != digests[2]
        assert SubjectSalt.objects.count() == 2

    def test_says_nothing_any_more_once_the_salt_is_erased(self, subject: Subject) -> None:
        before = ledger.salted_digest(subject, "No.")

        SubjectSalt.objects.all().delete()

        assert ledger.salted_digest(subject, "No.") != before

    def test_costs_one_statement_the_first_time_and_later(
        self, subject: Subject, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(2):
            with django_assert_num_queries(1):
                ledger.salted_digest(subject, "No.")


@pytest.mark.django_db(transaction=True)
class TestSaltedDigestAtOnce:
    def test_makes_one_salt_for_all(self, subject: Subject) -> None:
        def digest() -> str:
            with transaction.atomic():
                return ledger.salted_digest(subject, "No.")

        results = in_the_same_instant(*(partial(digest) for _ in range(6)))

        assert len(set(results)) == 1
        assert isinstance(results[0], str)
        assert SubjectSalt.objects.count() == 1
