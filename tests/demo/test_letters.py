"""Messages of the demo world that somebody reads before they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from config.demo.letters import read_letters
from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from evidence.messages import write_message
from evidence.models import CustomerMessage
from evidence.vocabulary import MessageState
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.harness.world import World

NOW = timezone.now()


class TestReadLetters:
    """Who read what in the demo."""

    def test_leaves_the_newest_waiting_and_lets_nobody_read_their_own(self, world: World) -> None:
        for username in ("dana", "viktor", "vera", "mei"):
            settle(username)
        milo, team = settle("milo"), world.team()
        for days in (3, 2, 1):
            with transaction.atomic():
                write_message(
                    subject=Subject("plea", new_id()), team=team, template="refund_declined", to="", customer="Carla",
                    language="en", merge={"order": "1"}, reference=f"RR-{days}", at=NOW - timedelta(days=days),
                    decider_ids=[milo.pk],
                )  # fmt: skip

        read_letters()

        states = dict(CustomerMessage.objects.values_list("reference", "state"))
        assert states == {"RR-3": "approved", "RR-2": "approved", "RR-1": "in_review"}
        read = CustomerMessage.objects.filter(state=MessageState.APPROVED)
        assert {str(message.reviewed_by.username) for message in read if message.reviewed_by} == {"mei"}
