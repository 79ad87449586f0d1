"""What finance keeps with a break goes with the request it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.models import Attachment
from refunds.breaks.owning import attach_to_break
from refunds.erasures.night import run_night
from refunds.models import Break, RefundRequest
from refunds.vocabulary import LineResult
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.books import paid
from tests.refunds.breaks.found import a_break, look
from tests.refunds.journal.lines import line_of

from .people import confirmed, customer_called, years

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def kept_with(found: Break) -> Attachment:
    """Let Lena keep a picture with a break."""
    return attach_to_break(break_id=found.pk, kind="photo", file=upload(drawing()), actor=settle("lena"), at=NOON)


class TestAFileOfABreak:
    def test_goes_when_the_texts_of_its_request_go_and_no_other(self, world: World) -> None:
        customer = customer_called("17850")
        world.order(customer=customer)
        operation = paid(team=world.teams["uk-retail"])
        RefundRequest.objects.filter(pk=operation.refund_request_id).update(customer=customer)
        line = line_of("refund", -2221, result=LineResult.UNMATCHED, operation_ref=str(operation.pk))
        look()
        hers, nobodys = kept_with(Break.objects.get(line=line)), kept_with(a_break())

        confirmed(world, customer, at=NOON + years(12))
        run_night(at=NOON + years(12))

        erased = {each.pk: each.erased_at is not None for each in Attachment.objects.all()}
        assert erased == {hers.pk: True, nobodys.pk: False}
        assert Attachment.objects.get(pk=hers.pk).name == ""
