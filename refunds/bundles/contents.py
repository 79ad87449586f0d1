"""What goes into a bundle: each request read for itself, packed and forgotten; then what proves it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum

from config.kernel.csv_out import csv_lines
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.bundles.chains import Chain, Prover, checkpoint_files, moment
from evidence.bundles.packing import Packer, one_line
from evidence.bundles.sealing import seal
from evidence.bundles.shipped import SHIPPED
from evidence.bundles.texts import SEES_SALTS, texts_with_salt
from evidence.checkpoints.keys import KEYS
from evidence.permissions import visible_to as files_visible_to
from evidence.vocabulary import SHOWN_STATES
from refunds.models.refund_request import KIND
from refunds.permissions import visible_to

from .asking import population_of_bundle
from .populations import Draw, requests_in, rows_of
from .printing import print_index, print_request
from .records import Records, records_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from evidence.models import Attachment, Bundle, Checkpoint
    from policies.models import PolicyVersion

FORMAT: Final = "redress-bundle/1"
MOST_FILE_BYTES: Final = 2 * 1024**3
FILE_PART_BYTES: Final = 256 * 1024
ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
SAMPLE_HEADER: Final = ("Reference", "Id", "State", "Currency", "Requested", "Approved or requested", "Created")


class UnableToBuild(Exception):
    """There is nothing to build, or too much; says what to do."""


@dataclass(slots=True)
class Building:
    """What is known of a bundle while it grows: a few lines for each request, never its files."""

    bundle: Bundle
    packer: Packer
    prover: Prover
    at: datetime
    subjects: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[UUID, PolicyVersion] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    team_ids: set[int] = field(default_factory=set)
    index: list[dict[str, Any]] = field(default_factory=list)

    @property
    def viewer(self) -> User:
        """For whom it is."""
        return self.bundle.asked_by


def pack(building: Building, latest: Checkpoint, go_on: Callable[[int, int], None]) -> str:
    """Pack everything; answers the hash of the list of files."""
    draw = _pack_population(building)
    sample = draw.sample()
    if not sample:
        raise UnableToBuild("You may see nothing of what it is about.")
    if building.bundle.has_files:
        _check_room(building, sample)
    go_on(0, len(sample))
    for done, request_id in enumerate(sample, start=1):
        _pack_request(building, request_id)
        go_on(done, len(sample))
    _pack_rest(building, draw, latest)
    return _pack_manifest(building, draw, latest)


def _pack_population(building: Building) -> Draw:
    """List every request of the population, drawing while it passes by; one request is a population of its own."""
    bundle, population = building.bundle, population_of_bundle(building.bundle)
    if population is None:
        draw = Draw(seed="", sample_size=1)
        requests = visible_to(building.viewer).filter(pk=bundle.subject.id).order_by("pk")
    else:
        draw = Draw(seed=bundle.parameters["seed"], sample_size=bundle.parameters["sample_size"])
        requests = requests_in(population, viewer=building.viewer)

    def listed() -> Iterator[bytes]:
        for row in rows_of(requests):
            draw.see(row)
            yield one_line(row)

    building.packer.add_chunks("population/requests.jsonl", listed())
    return draw


def _check_room(building: Building, sample: list[UUID]) -> None:
    held = files_visible_to(building.viewer).filter(
        subject_kind=KIND, subject_id__in=sample, scan_state__in=SHOWN_STATES
    )
    size = held.aggregate(size=Sum("size_bytes"))["size"] or 0
    if size > MOST_FILE_BYTES:
        raise UnableToBuild(
            f"The files alone are {size // 1024**2:,} MB, at most {MOST_FILE_BYTES // 1024**2:,} fit."
            " Take a smaller sample, or only the hashes of the files."
        )


def _pack_request(building: Building, request_id: UUID) -> None:
    subject = Subject(KIND, request_id)
    with transaction.atomic():
        # Nobody writes about it while it is read, so that rows and chain are of the same moment.
        ledger.hold_chain(subject)
        refund_request = (
            visible_to(building.viewer)
            .select_related("team", "order", "customer", "payment")
            .filter(pk=request_id)
            .first()
        )
        if refund_request is None:
            raise UnableToBuild("A request of the sample left your sight meanwhile.")
        records = records_of(refund_request, viewer=building.viewer)
        chain = building.prover.chain_of(subject)
    folder, packer = f"requests/{refund_request.reference}", building.packer
    people = records.people(chain.payloads)
    salt, texts = "", list[dict[str, Any]]()
    if building.viewer.has_perm(SEES_SALTS) and "messages" not in records.withheld:
        salt, texts = texts_with_salt(subject, records.texts(), chain.payloads)
    record = {"rows": records.rows, "people": people, "salt": salt, "texts": texts}
    packer.add(f"{folder}/record.json", one_line(record))
    packer.add(f"{folder}/page.html", print_request(refund_request, records, chain.payloads, people, at=building.at))
    if building.bundle.has_files:
        _pack_files(building, folder, records)
    _pack_chain(building, subject, chain, name=refund_request.reference, records=records)
    building.versions |= {version.pk: version for version in records.versions}
    building.withheld |= set(records.withheld)
    building.team_ids.add(refund_request.team_id)
    building.index.append(
        {
            "reference": refund_request.reference,
            "team": str(refund_request.team),
            "state": refund_request.get_state_display(),
            "requested": refund_request.requested_minor,
            "amount": refund_request.amount,
            "created_at": refund_request.created_at,
            "id": str(refund_request.pk),
        }
    )


def _pack_files(building: Building, folder: str, records: Records) -> None:
    for attachment in records.files:
        # What the scanner found, or has not looked at, stays where it is; its hash is in the record.
        if attachment.is_shown:
            name = f"{folder}/attachments/{attachment.pk}.{ENDINGS.get(attachment.media_type, 'bin')}"
            building.packer.add_chunks(name, _parts(attachment), is_packed=True)


def _parts(attachment: Attachment) -> Iterator[bytes]:
    with default_storage.open(str(attachment.original), "rb") as stored:
        yield from iter(lambda: stored.read(FILE_PART_BYTES), b"")


def _pack_chain(
    building: Building, subject: Subject, chain: Chain, *, name: str = "", records: Records | None = None
) -> None:
    building.packer.add(f"chains/{subject.kind}/{subject.id}.jsonl", chain.content)
    building.subjects.append(
        {
            "kind": subject.kind,
            "id": str(subject.id),
            "name": name,
            "entries": len(chain.payloads),
            "without_proof": chain.unproven_count,
            "rows": {} if records is None else {table: len(rows) for table, rows in records.rows.items()},
        }
    )


def _pack_rest(building: Building, draw: Draw, latest: Checkpoint) -> None:
    """Add the policies that judged, with their chains; the chain of the keys; checkpoints; what people read first."""
    packer = building.packer
    for version in sorted(building.versions.values(), key=lambda version: str(version.pk)):
        told = {
            "id": version.pk,
            "number": version.number,
            "state": version.state,
            "published_at": version.published_at,
        }
        told |= {name: getattr(version, name) for name in ("what", "why", "impact", "change_category", "author_id")}
        told |= {"published_by_id": version.published_by_id, "policy": version.policy.slug}
        packer.add(f"policies/{version.pk}.json", one_line({"version": told, "document": version.document}))
    for subject in (*(Subject("policy_version", pk) for pk in sorted(building.versions)), KEYS):
        _pack_chain(building, subject, building.prover.chain_of(subject))
    for name, content in checkpoint_files(latest, known=building.bundle.known_checkpoint):
        packer.add(name, content)
    rows = [
        (
            each["reference"],
            each["id"],
            each["state"],
            each["amount"].currency,
            each["requested"],
            each["amount"].minor,
            each["created_at"].isoformat(),
        )
        for each in building.index
    ]
    packer.add_chunks("population/sample.csv", (line.encode() for line in csv_lines(SAMPLE_HEADER, rows)))
    packer.add("index.html", print_index(building.bundle, building.index, draw, at=building.at))
    for name, path in SHIPPED.items():
        packer.add(name, path.read_bytes())


def _pack_manifest(building: Building, draw: Draw, latest: Checkpoint) -> str:
    """Write the list of files and seal it; answers the hash of the list."""
    bundle, packer = building.bundle, building.packer
    population = population_of_bundle(bundle)
    requests = (
        visible_to(building.viewer).filter(pk=bundle.subject.id)
        if population is None
        else requests_in(population, viewer=building.viewer)
    )
    statement, values = requests.values("pk").query.sql_with_params()
    manifest = {
        "format": FORMAT,
        "bundle": str(bundle.pk),
        "made_at": moment(building.at),
        "made_for": building.viewer.username,
        "query": {
            "words": f"refund request {bundle.title}" if population is None else population.words(),
            "parameters": bundle.parameters,
            "sql": statement,
            "sql_parameters": [str(value) for value in values],
        },
        "population": draw.told(),
        "subjects": building.subjects,
        "checkpoint": latest.number,
        "has_files": bundle.has_files,
        "withheld": sorted(building.withheld),
        "files": packer.hashes,
    }
    content = one_line(manifest)
    manifest_sha256 = packer.add("manifest.json", content)
    note = seal(bundle_id=bundle.pk, manifest_sha256=manifest_sha256, at=building.at)
    packer.add("seal.note", note.encode())
    return manifest_sha256
