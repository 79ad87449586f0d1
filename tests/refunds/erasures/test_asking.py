"""Asking and confirming: two people, one person in many rows, and nothing that is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds.erasures.account import preview_of
from refunds.erasures.asking import ask_erasure, confirm_erasure, refuse_erasure
from refunds.erasures.identity import find_person, plain_address
from refunds.erasures.mentions import words_of
from refunds.models import Customer, Erasure, ErasureCustomer, Tombstone
from refunds.vocabulary import ErasureState
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .people import EMAIL, NAME, asked_for, confirmed, customer_called, declined_of, rita_of, years

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


class TestAskErasure:
    def test_takes_two_people(self, world: World, root: User, lena: User) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        with pytest.raises(NotPermitted):
            ask_erasure(customer_id=customer.pk, basis="objection", actor=lena, at=NOON)
        asked = asked_for(customer)
        with pytest.raises(Refused, match="under way"):
            asked_for(customer)
        with pytest.raises(NotPermitted, match="Whoever asks"):
            confirm_erasure(erasure_id=asked.pk, actor=root, at=NOON)
        with pytest.raises(IntegrityError, match="erasure_is_answered_by_another"), transaction.atomic():
            Erasure.objects.filter(pk=asked.pk).update(state="blocked", answered_by=root)
        assert Erasure.objects.get().state == ErasureState.WAITING
        assert Customer.objects.get().name == NAME

    def test_is_confirmed_by_no_machine(self, world: World, bot: User) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        asked = asked_for(customer)
        with pytest.raises(NotPermitted):
            confirm_erasure(erasure_id=asked.pk, actor=bot, at=NOON)

    def test_may_be_refused_and_asked_again(self, world: World) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        refuse_erasure(erasure_id=asked_for(customer).pk, actor=rita_of(world), at=NOON)
        with pytest.raises(OutOfDate):
            refuse_erasure(erasure_id=Erasure.objects.get().pk, actor=rita_of(world), at=NOON)
        assert Customer.objects.get().name == NAME
        assert asked_for(customer).state == ErasureState.WAITING

    def test_is_refused_once_there_is_nothing_left(self, world: World) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        confirmed(world, customer, at=NOON + years(9))
        with pytest.raises(Refused, match="already"):
            asked_for(customer)

    def test_keeps_what_was_asked_for(self, world: World) -> None:
        customer = customer_called("17850")
        declined_of(world, customer)
        confirmed(world, customer, at=NOON + years(9))
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            Tombstone.objects.update(erased_at=NOON)
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            ErasureCustomer.objects.all().delete()
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Erasure.objects.update(basis="unlawful")


class TestFindPerson:
    def test_covers_every_row_with_the_same_address(self, world: World, root: User) -> None:
        first = customer_called("1", email="P.Zykwort@Mail.Example")
        second = customer_called("2", channel="shop-us", name="P. Z.", email=" p.zykwort@mail.example ")
        for customer in (first, second):
            declined_of(world, customer)

        person = find_person(root, EMAIL)

        assert set(person.covered) == {first, second}
        assert {one.customer_id for one in asked_for(first).covered.all()} == {first.pk, second.pk}
        erasure = confirm_erasure(erasure_id=Erasure.objects.get().pk, actor=rita_of(world), at=NOON + years(9))
        assert erasure.state == ErasureState.DONE
        assert {one.email for one in Customer.objects.all()} == {""}

    def test_shows_who_may_be_the_same_and_leaves_them(self, world: World, root: User) -> None:
        hers = customer_called("1")
        namesake = customer_called("2", name=NAME.upper(), email="other@mail.example")
        plus = customer_called("3", name="P", email="p.zykwort+shop@mail.example")
        stranger = customer_called("4", name="Ada Moss", email="ada@mail.example")
        for customer in (hers, namesake, plus, stranger):
            declined_of(world, customer)

        preview = preview_of(root, hers, on=NOON.date())

        assert preview.person.covered == (hers,)
        assert set(preview.person.alike) == {namesake, plus}
        assert preview.left_alone == (NAME,)
        confirmed(world, hers, at=NOON + years(9))
        assert Customer.objects.get(pk=namesake.pk).name == NAME.upper()

    def test_asks_which_of_several_people_a_number_means(self, world: World, root: User) -> None:
        here = customer_called("7")
        there = customer_called("7", channel="shop-us", name="Ada Moss", email="ada@mail.example")
        for customer in (here, there):
            declined_of(world, customer)

        with pytest.raises(Refused, match="shop-uk 7, shop-us 7"):
            find_person(root, "7")
        assert find_person(root, "7", channel="shop-us").covered == (there,)

    def test_counts_rows_out_of_reach(self, world: World) -> None:
        hers = customer_called("1")
        far = customer_called("2", channel="shop-us")
        declined_of(world, hers)
        world.order(customer=far, team="us-dtc")
        luis = settle("luis")

        assert find_person(luis, EMAIL).hidden_count == 1
        with pytest.raises(Refused, match="No customer"):
            find_person(luis, "2")

    @pytest.mark.parametrize("words", ["", " ", "nobody", "nobody@mail.example", "%"])
    def test_finds_nobody_by_other_words(self, world: World, root: User, words: str) -> None:
        declined_of(world, customer_called("1"))
        declined_of(world, customer_called("2", name="", email=""))
        with pytest.raises(Refused):
            find_person(root, words)

    def test_compares_addresses_one_way(self) -> None:
        assert plain_address("  A.B@C.Example ") == "a.b@c.example"
        assert plain_address("17850") == ""


@pytest.mark.django_db
class TestWordsOf:
    def test_leaves_short_names_and_namesakes_alone(self) -> None:
        short = customer_called("1", name="Al", email="al@mail.example")
        hers = customer_called("2")

        assert words_of([short, hers]) == (["Persephone Zykwort", "al@mail.example", EMAIL], ["Al"])
        customer_called("3", name="persephone zykwort", email="")
        assert words_of([hers]) == ([EMAIL], [NAME])
