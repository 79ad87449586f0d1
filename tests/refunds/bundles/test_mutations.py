"""Nothing in a bundle can be changed unseen: 10,000 random single changes, and those of somebody who mends the list."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from evidence.bundles import verify
from evidence.bundles.packing import one_line
from evidence.bundles.sealing import seal
from evidence.models import Bundle

from .mutations import KINDS, Contents, mutated
from .parcels import LATER, Files, of_population, several_lives, unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from config.kernel.people import User
    from tests.harness.world import World

CHANGES = 10_000
MENDED_CHANGES = 1_000
BY_PROCESS = 40
SEED = 20261121

PROVEN = ("chains/", "checkpoints/", "consistency.jsonl", "keys.json")
"""What is bound by more than the list of files: by hashes, proofs, signatures and the ledger's own words."""


@pytest.fixture
def original(world: World, ada: User, key_file: Path) -> Contents:
    """Take home everything of a day."""
    several_lives(world)
    contents = unpacked(of_population(ada))
    verify.verify(Files(contents))
    return contents


def verdict_on(contents: Contents) -> str:
    """Say which fault is found; empty when none is."""
    try:
        verify.verify(Files(contents))
    except verify.Fault as fault:
        return str(fault)
    return ""


@pytest.mark.slow
@pytest.mark.django_db
class TestTenThousandChanges:
    def test_are_all_found(self, original: Contents) -> None:
        """In this process, with signatures over the same bytes asked for once: see `verify.is_signed`."""
        random = Random(SEED)  # noqa: S311 - the same changes each time
        missed, tried = [], Counter[str]()
        for _ in range(CHANGES):
            what, contents = mutated(random, original, sorted(KINDS), sorted(original))
            tried[what.split(" ")[0]] += 1
            if not verdict_on(contents):
                missed.append(what)

        assert missed == []
        assert sum(tried.values()) == CHANGES
        assert set(tried) == {"edit", "delete", "insert", "reorder", "swap"}
        assert min(tried.values()) > CHANGES / 20

    def test_are_found_by_the_program_as_an_auditor_runs_it(self, original: Contents, tmp_path: Path) -> None:
        """With an empty environment; a changed verify.py is left to one that was not, as README.txt says."""
        random = Random(SEED)  # noqa: S311 - the same changes each time
        missed = []
        names = sorted(set(original) - {"verify.py"})
        for number in range(BY_PROCESS):
            what, contents = mutated(random, original, sorted(KINDS), names)
            folder = unfolded(contents | {"verify.py": original["verify.py"]}, tmp_path / str(number))
            ended = run(folder)
            if ended.returncode != 1 or not ended.stdout.startswith("NOT OK: "):
                missed.append(f"{what}: {ended.stdout}{ended.stderr}")

        assert missed == []


@pytest.mark.slow
@pytest.mark.django_db
class TestChangesUnderAListThatWasMended:
    def test_are_found_by_proofs_and_signatures_alone(self, original: Contents) -> None:
        """Somebody has the list sealed anew with the very key: chains, proofs, checkpoints and keys still tell."""
        random = Random(SEED)  # noqa: S311 - the same changes each time
        missed = []
        names = sorted(name for name in original if name.startswith(PROVEN))
        for _ in range(MENDED_CHANGES):
            what, contents = mutated(random, original, sorted(KINDS), names)
            if not verdict_on(mended(contents)):
                missed.append(what)

        assert missed == []

    def test_cannot_swap_photos(self, original: Contents) -> None:
        one, other = sorted(name for name in original if "/attachments/" in name)[:2]
        contents = original | {one: original[other], other: original[one]}

        assert verdict_on(mended(contents)).endswith("is not the file that its record speaks of.")


@pytest.mark.django_db
class TestTheProgram:
    def test_says_ok_and_what_it_checked(self, original: Contents, tmp_path: Path) -> None:
        ended = run(unfolded(original, tmp_path / "bundle"))

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert ended.stdout.endswith("\nOK\n")
        assert "Checkpoints: 3, all signed" in ended.stdout
        assert "Population: 4 requests; in minor units GBP 30000 requested" in ended.stdout
        assert "; USD 3000 requested" in ended.stdout

    def test_names_the_byte_that_was_changed_by_its_file(self, original: Contents, tmp_path: Path) -> None:
        name = next(name for name in original if name.endswith("record.json"))
        folder = unfolded(original, tmp_path / "bundle")
        (folder / name).write_bytes(original[name].replace(b'"quantity":1', b'"quantity":2', 1))

        ended = run(folder)

        assert (ended.returncode, ended.stdout) == (
            1,
            f"NOT OK: {name} was changed: it does not hash to what the list says.\n",
        )


def mended(contents: Contents) -> Contents:
    """Write the list of files anew and have it sealed with the real key."""
    manifest = json.loads(contents["manifest.json"])
    listed = sorted(set(contents) - {"manifest.json", "seal.note"})
    manifest["files"] = {name: hashlib.sha256(contents[name]).hexdigest() for name in listed}
    content = one_line(manifest)
    note = seal(bundle_id=Bundle.objects.get().pk, manifest_sha256=hashlib.sha256(content).hexdigest(), at=LATER)
    return contents | {"manifest.json": content, "seal.note": note.encode()}


def unfolded(contents: Contents, folder: Path) -> Path:
    """Write the files of a bundle into a folder."""
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program of a folder, isolated, with nothing in its environment but the way to openssl."""
    command = [sys.executable, "-I", "-S", "verify.py", *words]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
