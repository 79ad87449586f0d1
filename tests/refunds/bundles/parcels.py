"""Worlds worth a bundle, bundles built of them, and their files in memory."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage

from approvals.vocabulary import Verdict
from evidence.attachments import attach
from evidence.bundles.keeping import bundles_of
from evidence.checkpoints.keys import OPERATOR, rotate_key
from evidence.checkpoints.making import make_checkpoint
from refunds import workflow
from refunds.bundles.asking import ask_for_population, ask_for_request
from refunds.bundles.building import run_bundle
from refunds.bundles.populations import Population
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle
from tests.harness.world import NOON, drain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.kernel.people import User
    from evidence.models import Bundle
    from refunds.models import RefundRequest
    from tests.harness.world import World

LATER = NOON + timedelta(hours=2)
TODAY = Population(dated_by="created_at", from_on=NOON.date(), until_on=NOON.date())


class Files:
    """The files of a bundle in memory, as `verify.py` reads them."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        """Hold them."""
        self.contents = contents
        self.names = set(contents)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Hand out a file in one piece."""
        yield self.contents[name]


def several_lives(world: World) -> list[RefundRequest]:
    """File requests in two currencies, decide some with words and photos, with checkpoints and a new key in between."""
    amir, dana = settle("amir"), settle("dana")
    approved = world.waiting(by=amir)
    attach(subject=approved.subject, team=approved.team, kind="photo", file=upload(drawing()), actor=amir, at=NOON)
    workflow.decide(
        reference=approved.reference, verdict=Verdict.APPROVE, rationale="The lamp is whole.", actor=dana, at=NOON
    )
    make_checkpoint(at=NOON)
    declined = world.waiting(by=amir, pounds=120)
    attach(subject=declined.subject, team=declined.team, kind="photo", file=upload(drawing("PNG")), actor=amir, at=NOON)
    workflow.decide(
        reference=declined.reference,
        verdict=Verdict.DECLINE,
        rationale="It was worn, says the photo.",
        actor=dana,
        at=NOON,
    )
    make_checkpoint(at=NOON + timedelta(minutes=5))
    rotate_key(actor=OPERATOR, at=NOON + timedelta(minutes=6))
    waiting = world.waiting(by=amir, pounds=80)
    american = world.filed(world.order(team="us-dtc", unit_minor=30_00), by=amir)
    drain()
    make_checkpoint(at=NOON + timedelta(hours=1))
    return [approved, declined, waiting, american]


def built(bundle: Bundle) -> Bundle:
    """Run its job, and read it anew."""
    run_bundle(job_id=bundle.job_id, at=LATER)
    return bundles_of(bundle.asked_by).get(pk=bundle.pk)


def of_request(refund_request: RefundRequest, viewer: User, *, has_files: bool = True) -> Bundle:
    """Have the bundle of one request built."""
    return built(ask_for_request(refund_request=refund_request, has_files=has_files, actor=viewer, at=LATER))


def of_population(viewer: User, *, sample_size: int = 50, seed: str = "2026", has_files: bool = True) -> Bundle:
    """Have a sample of everything of the day built."""
    return built(
        ask_for_population(
            population=TODAY, sample_size=sample_size, seed=seed, has_files=has_files, actor=viewer, at=LATER
        )
    )


def packed(bundle: Bundle) -> bytes:
    """Read its ZIP."""
    with default_storage.open(str(bundle.file), "rb") as stored:
        content: bytes = stored.read()
    return content


def unpacked(bundle: Bundle) -> dict[str, bytes]:
    """Read its files."""
    with zipfile.ZipFile(BytesIO(packed(bundle))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
