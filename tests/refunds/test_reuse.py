"""A photo sent with two requests: who signs, who is told what, and that nothing is declined for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from config.kernel.people import assign_to_teams
from evidence.attachments import attach
from evidence.models import Attachment
from policies.engine.evaluate import evaluate
from policies.engine.facts import RefundFacts
from policies.judging import document_of
from refunds import drafting, workflow
from refunds.reuse import seen_again
from refunds.vocabulary import State
from tests.evidence.builders import upload
from tests.evidence.test_reuse import TRANSFORMS, jpeg, scene
from tests.harness.people import fresh, settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def sent(world: World, agent: User, content: bytes, *, team: str = "uk-retail", pounds: int = 20) -> RefundRequest:
    """File a request with a photo and submit it."""
    order = world.order(team=team, unit_minor=pounds * 100)
    draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=agent, at=NOON)
    attach(subject=draft.subject, team=draft.team, kind="photo", file=upload(content), actor=agent, at=NOON)
    return workflow.submit(reference=draft.reference, actor=agent, at=NOON)


def photo_of(refund_request: RefundRequest) -> Attachment:
    """Find its photo."""
    return Attachment.objects.get(subject_id=refund_request.pk)


class TestAPhotoThatWasSentBefore:
    def test_brings_people_in_where_the_policy_alone_would_pay(self, world: World, amir: User) -> None:
        first = sent(world, amir, jpeg(scene()))
        again = sent(world, amir, TRANSFORMS["mirrored"](scene()))

        assert (first.state, again.state) == (State.APPROVED, State.AWAITING_APPROVAL)
        assert (first.risk, again.risk) == ("low", "high")
        assert again.decision is not None
        assert again.decision.facts["photo_reuse"] == "likely"

    def test_brings_one_more_signature_in(self, world: World, amir: User) -> None:
        first = sent(world, amir, jpeg(scene()), pounds=100)
        again = sent(world, amir, jpeg(scene()), pounds=100)

        roles = [
            list(request.route.steps.order_by("level").values_list("role", flat=True))
            for request in (first, again)
            if request.route is not None
        ]
        assert roles == [["approver"], ["approver", "manager"]]

    def test_changes_nothing_where_it_is_only_possible(self, world: World, amir: User) -> None:
        sent(world, amir, jpeg(scene()))

        again = sent(world, amir, jpeg(scene(77)))

        assert again.decision is not None
        assert again.decision.facts["photo_reuse"] == "possible"
        assert (again.state, again.risk) == (State.APPROVED, "low")

    def test_is_judged_again_from_what_was_stored(self, world: World, amir: User) -> None:
        sent(world, amir, jpeg(scene()))
        kept = sent(world, amir, jpeg(scene())).decision
        assert kept is not None
        stored = RefundFacts.from_json(kept.facts)
        assert stored.photo_reuse == "exact"
        assert evaluate(document_of(kept.version), stored).risk == "high"

        without = {name: value for name, value in kept.facts.items() if name != "photo_reuse"}
        assert RefundFacts.from_json(without).photo_reuse == ""


class TestWhoIsToldWhat:
    def test_a_colleague_hears_the_reference(self, world: World, amir: User) -> None:
        first, again = (sent(world, amir, jpeg(scene())) for _ in range(2))
        photo = photo_of(again)

        (told,) = seen_again([photo], viewer=amir)[photo.pk]

        assert told.request == first
        assert told.theirs.startswith("/evidence/files/")
        client = Client()
        client.force_login(amir)
        page = client.get(again.get_absolute_url()).content.decode()
        assert "The same file" in page
        assert f">{first.reference}</a>" in page
        assert client.get(told.theirs).status_code == 200

    def test_the_agent_hears_it_before_submitting(self, world: World, amir: User) -> None:
        first = sent(world, amir, jpeg(scene()))
        order = world.order(unit_minor=2000)
        draft = drafting.save_draft(draft=world.draft_of(order), reference="", actor=amir, at=NOON)
        attach(subject=draft.subject, team=draft.team, kind="photo", file=upload(jpeg(scene())), actor=amir, at=NOON)
        client = Client()
        client.force_login(amir)

        page = client.get(reverse("refunds:intake_order", args=[order.channel, order.external_id])).content.decode()

        assert "A photo here looks like one of another request." in page
        assert f">{first.reference}</a>" in page

    def test_somebody_of_one_team_hears_of_a_request_of_another(self, world: World, amir: User) -> None:
        foreign = sent(world, amir, jpeg(scene()), team="us-dtc")
        again = sent(world, amir, jpeg(scene()))
        luis = settle("luis")
        assign_to_teams(user=luis, teams=[world.team("uk-retail")])
        photo = photo_of(again)

        (told,) = seen_again([photo], viewer=fresh(luis))[photo.pk]

        assert (told.request, told.theirs) == (None, "")
        client = Client()
        client.force_login(luis)
        page = client.get(again.get_absolute_url()).content.decode()
        assert "a request of another team" in page
        assert foreign.reference not in page
        assert client.get(photo_of(foreign).get_absolute_url()).status_code == 404
