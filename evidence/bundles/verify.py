"""Verify an evidence bundle with Python's standard library and openssl alone.

python3 verify.py [FOLDER or ZIP] [--key KEY] [--trusted CHECKPOINT]

KEY is a public key, or a file with one, that you got on another way; CHECKPOINT is the file of a checkpoint that left
the portal earlier. Prints OK and exits 0, or names the first fault and exits 1. README.txt says what is proven.
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST, SEAL, KEYS, GROWTH = "manifest.json", "seal.note", "keys.json", "consistency.jsonl"
POPULATION = "population/requests.jsonl"
CLOCK = timedelta(minutes=1)
ED25519_IN_DER = bytes.fromhex("302a300506032b6570032100")
AT_ONCE = 1 << 20
NAMED_AT_MOST = 20
KNOWN_KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
KNOWN_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
"""RFC 8032, 7.1, test 2, over the byte 0x72: shows whether this openssl can do what is asked of it."""


class Fault(Exception):
    """What is wrong, in a sentence."""


class Folder:
    """The files of an unpacked bundle."""

    def __init__(self, path: str) -> None:
        """Look at every file below it."""
        self._path = path
        self.names: set[str] = set()
        for place, folders, names in os.walk(path):
            if "__pycache__" in folders:
                folders.remove("__pycache__")
            for name in folders + names:
                if Path(place, name).is_symlink():
                    raise Fault(f"{name} is a link; a bundle has none.")
            below = os.path.relpath(place, path).replace(os.sep, "/")
            self.names |= {name if below == "." else f"{below}/{name}" for name in names}

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a file bit by bit."""
        with Path(self._path, name).open("rb") as file:
            yield from iter(lambda: file.read(AT_ONCE), b"")


class Archive:
    """The files of a bundle as it came."""

    def __init__(self, path: str) -> None:
        """Look into it."""
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Fault(f"{path} cannot be opened: {error}.") from None
        listed = self._zip.namelist()
        self.names = set(listed)
        if len(listed) != len(self.names):
            raise Fault("Two files of the archive have one name.")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a file bit by bit."""
        try:
            with self._zip.open(name) as file:
                yield from iter(lambda: file.read(AT_ONCE), b"")
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise Fault(f"{name} cannot be unpacked: {error}.") from None


def sha256(text: bytes) -> bytes:
    """Hash some bytes."""
    return hashlib.sha256(text).digest()


def unhex(text: str) -> bytes:
    """Read bytes from hex that is written in the one way to write it."""
    read = bytes.fromhex(text)
    if read.hex() != text:
        raise Fault("A hash or a key is not written in the one way to write it.")
    return read


def content(files: Any, name: str) -> bytes:
    """Read a whole file."""
    if name not in files.names:
        raise Fault(f"{name} is missing.")
    return b"".join(files.chunks(name))


def read_json(text: bytes, name: str) -> Any:
    """Read JSON that is written in the one way to write it."""
    try:
        value = json.loads(text)
        written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    except (ValueError, RecursionError):
        raise Fault(f"{name} cannot be read.") from None
    if written != text:
        raise Fault(f"{name} is not written in the one way to write it.")
    return value


def one(files: Any, name: str) -> Any:
    """Read a JSON document."""
    return read_json(content(files, name), name)


def lines(files: Any, name: str) -> Iterator[Any]:
    """Read a document of one JSON value a line."""
    rest = b""
    if name not in files.names:
        raise Fault(f"{name} is missing.")
    for chunk in files.chunks(name):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield read_json(line + b"\n", name)
    if rest:
        raise Fault(f"{name} does not end with its last line.")


def check_manifest(files: Any) -> tuple[dict[str, Any], str]:
    """Compare the files with their list: nothing missing, nothing added, nothing changed. Answers it and its hash."""
    raw = content(files, MANIFEST)
    manifest = read_json(raw, MANIFEST)
    if manifest["format"] != "redress-bundle/1":
        raise Fault("This is a bundle of another kind; use the verify.py that came with it.")
    listed = manifest["files"]
    if missing := sorted(set(listed) - files.names):
        raise Fault(f"{missing[0]} is listed and missing.")
    if added := sorted(files.names - set(listed) - {MANIFEST, SEAL}):
        raise Fault(f"{added[0]} is not listed.")
    for name in sorted(listed):
        digest = hashlib.sha256()
        for chunk in files.chunks(name):
            digest.update(chunk)
        if digest.hexdigest() != listed[name]:
            raise Fault(f"{name} was changed: it does not hash to what the list says.")
    return manifest, sha256(raw).hex()


@functools.cache
def is_signed(public_key: bytes, text: bytes, signature: bytes) -> bool:
    """Ask openssl whether this key signed this text; asked once for the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("key", "text", "signature")]
        for path, part in zip(paths, (ED25519_IN_DER + public_key, text, signature)):
            path.write_bytes(part)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", str(paths[0])]
        command += ["-in", str(paths[1]), "-sigfile", str(paths[2])]
        try:
            ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        except OSError:
            raise Fault("openssl cannot be run; it verifies the signatures.") from None
    return ended.returncode == 0


def check_openssl() -> None:
    """Make sure that openssl tells a good signature from a bad one."""
    if not is_signed(KNOWN_KEY, b"\x72", KNOWN_SIGNATURE) or is_signed(KNOWN_KEY, b"\x73", KNOWN_SIGNATURE):
        raise Fault("This openssl does not verify Ed25519 signatures; version 3 does.")


def when(word: str) -> datetime:
    """Read a time as it is written here."""
    return datetime.strptime(word, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def key_id_of(key: dict[str, Any]) -> str:
    """Name a key as C2SP signed notes do."""
    return sha256(key["name"].encode() + b"\n\x01" + unhex(key["public_key"]))[:4].hex()


def verifier_of(key: dict[str, Any]) -> str:
    """Print a key as witnesses and Go's sumdb/note read it."""
    public = base64.b64encode(b"\x01" + unhex(key["public_key"])).decode()
    return f"{key['name']}+{key['key_id']}+{public}"


def signer_of(note: str, keys: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Verify the one signature of a note; answers the key."""
    text, gap, signatures = note.partition("\n\n")
    words = signatures.split(" ")
    if not gap or len(words) != 3 or words[0] != "\u2014" or not words[2].endswith("\n"):
        raise Fault(f"{name} is not laid out as a signed note.")
    raw = base64.b64decode(words[2][:-1], validate=True)
    if base64.b64encode(raw).decode() != words[2][:-1]:
        raise Fault(f"The signature of {name} cannot be read.")
    for key in keys:
        if key["name"] == words[1] and key["key_id"] == raw[:4].hex():
            if not is_signed(unhex(key["public_key"]), (text + "\n").encode(), raw[4:]):
                raise Fault(f"The signature of {name} does not fit its text.")
            return key
    raise Fault(f"{name} is signed by a key that is not among the keys.")


def check_seal(files: Any, manifest: dict[str, Any], digest: str, keys: list[dict[str, Any]]) -> dict[str, Any]:
    """Verify that the list of files was sealed; answers the key."""
    for key in keys:
        if key_id_of(key) != key["key_id"]:
            raise Fault(f"Key {key['key_id']} is not what its id says.")
    note = content(files, SEAL).decode()
    key = signer_of(note, keys, SEAL)
    said = f"{key['name']}/bundle\n{manifest['bundle']}\nsha256 {digest}\ntime {manifest['made_at']}\n\n"
    if not note.startswith(said):
        raise Fault(f"{MANIFEST} was changed: it is not what {SEAL} was made of.")
    return key


def climb(at: int, last: int, path: list[str]) -> Iterator[tuple[bytes, bool]]:
    """Go up from the node `at` of a level whose last one is `last`: each step, and whether it stands on the left."""
    for step in path:
        if last == 0:
            raise Fault("A proof is too long.")
        is_left = bool(at & 1) or at == last
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        yield unhex(step), is_left
        at, last = at >> 1, last >> 1
    if last:
        raise Fault("A proof is too short.")


def node(left: bytes, right: bytes) -> bytes:
    """Hash an inner node of the tree."""
    return sha256(b"\x01" + left + right)


def includes(entry_hash: bytes, position: int, size: int, path: list[str], root: bytes) -> bool:
    """Tell whether an entry is under a root: RFC 9162, 2.1.3.2."""
    if not 0 <= position < size:
        return False
    reached = sha256(b"\x00" + entry_hash)
    for step, is_left in climb(position, size - 1, path):
        reached = node(step, reached) if is_left else node(reached, step)
    return reached == root


def grew(old: int, new: int, old_root: bytes, new_root: bytes, path: list[str]) -> bool:
    """Tell whether a tree only added to an older one: RFC 9162, 2.1.4.2."""
    if old == new:
        return not path and old_root == new_root
    steps = path if old & (old - 1) else [old_root.hex(), *path]
    if not 0 < old < new or not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = unhex(steps[0])
    for step, is_left in climb(at, last, steps[1:]):
        after = node(step, after) if is_left else node(after, step)
        before = node(step, before) if is_left else before
    return before == old_root and after == new_root


def read_checkpoint(note: str, name: str) -> dict[str, Any]:
    """Read what a checkpoint says."""
    text = note.partition("\n\n")[0].split("\n")
    if len(text) != 5 or not text[3].startswith("previous ") or not text[4].startswith("time "):
        raise Fault(f"{name} is not laid out as a checkpoint.")
    root = base64.b64decode(text[2], validate=True)
    size, previous, at = int(text[1]), text[3][len("previous ") :], when(text[4][len("time ") :])
    if size < 1 or text[1] != str(size) or text[2] != base64.b64encode(root).decode():
        raise Fault(f"{name} does not say what it says in the one way to say it.")
    return {"origin": text[0], "size": size, "root": root, "previous": previous, "at": at, "note": note}


def check_checkpoints(files: Any, keys: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Verify every checkpoint, that its key was in force, and that each tree only added to the one before it."""
    known = {}
    for name in sorted(name for name in files.names if name.startswith("checkpoints/")):
        note = content(files, name).decode()
        key, said = signer_of(note, keys, name), read_checkpoint(note, name)
        if said["origin"] != key["name"] or name != f"checkpoints/checkpoint-{int(name[23:-4]):09d}.txt":
            raise Fault(f"{name} is not named for what it holds.")
        if said["at"] < when(key["since"]) - CLOCK or (
            key["retired_at"] and said["at"] > when(key["retired_at"]) + CLOCK
        ):
            raise Fault(f"{name} is signed with a key that was not in force then.")
        known[int(name[23:-4])] = {**said, "key": key["key_id"]}
    numbers, proofs = sorted(known), list(lines(files, GROWTH))
    if not numbers or [(proof["from"], proof["to"]) for proof in proofs] != list(zip(numbers, numbers[1:])):
        raise Fault("The proofs of growth do not join the checkpoints.")
    for proof in proofs:
        old, new = known[proof["from"]], known[proof["to"]]
        if proof["to"] == proof["from"] + 1 and sha256(old["note"].encode()).hex() != new["previous"]:
            raise Fault(f"Checkpoint {proof['to']} does not follow checkpoint {proof['from']}.")
        if old["at"] > new["at"] + CLOCK or not grew(old["size"], new["size"], old["root"], new["root"], proof["path"]):
            raise Fault(f"Checkpoint {proof['to']} does not hold what checkpoint {proof['from']} held.")
    return known


def check_chain(files: Any, subject: dict[str, Any], latest: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """Hash a chain anew from its first entry, and lead each entry to the signed root; answers those that still wait."""
    kind, number = subject["kind"], subject["id"]
    before, entries, waiting = sha256(f"{kind}:{number}".encode()), [], []
    for place, entry in enumerate(lines(files, f"chains/{kind}/{number}.jsonl"), start=1):
        about = f"Entry {place} of {kind} {subject['name'] or number}"
        if entry["seq"] != place or entry["prev_hash"] != before.hex():
            raise Fault(f"{about} does not follow the one before it.")
        before = sha256(b"\x00" + before + place.to_bytes(4, "big") + entry["payload"].encode())
        if entry["hash"] != before.hex():
            raise Fault(f"{about} was changed: it does not hash to what it says.")
        said = json.loads(entry["payload"])
        if (said["subject_kind"], said["subject_id"]) != (kind, number):
            raise Fault(f"{about} is about something else.")
        if entry["position"] is None:
            waiting.append(f"{about}: {said['kind']}, {said['at']}")
        elif waiting or not includes(before, entry["position"], latest["size"], entry["path"], latest["root"]):
            raise Fault(f"{about} is not under the latest checkpoint.")
        entries.append(said)
    if (len(entries), len(waiting)) != (subject["entries"], subject["without_proof"]):
        raise Fault(f"The chain of {kind} {number} does not have as many entries and proofs as {MANIFEST} says.")
    return entries, waiting


def check_rotation(keys: list[dict[str, Any]], entries: list[Any]) -> None:
    """Compare the keys with what the ledger recorded of them: when each came into force and which it retired."""
    told = {}
    for entry in entries:
        data = entry["data"]
        told[data["key"]] = {
            "name": data["origin"],
            "public_key": data["public_key"],
            "since": entry["at"],
            "until": None,
        }
        if data["before"]:
            told[data["before"]]["until"] = entry["at"]
    listed = {
        key["key_id"]: {field: key[field] for field in ("name", "public_key", "since")} | {"until": key["retired_at"]}
        for key in keys
    }
    newest_first = sorted(keys, key=lambda key: (key["since"], key["key_id"]), reverse=True)
    if (
        told != listed
        or len(listed) != len(keys)
        or [key["since"] for key in keys] != [key["since"] for key in newest_first]
    ):
        raise Fault(f"{KEYS} is not what the ledger recorded of keys.")


def check_record(files: Any, manifest: dict[str, Any], subject: dict[str, Any], entries: list[Any]) -> None:
    """Compare what the tables said of a request with its chain and the policies that judged it."""
    folder = f"requests/{subject['name']}/"
    record = one(files, folder + "record.json")
    rows = record["rows"]
    if {name: len(found) for name, found in rows.items()} != subject["rows"]:
        raise Fault(f"{folder}record.json does not hold as many rows as {MANIFEST} says.")
    if [(row["id"], row["reference"]) for row in rows["request"]] != [(subject["id"], subject["name"])]:
        raise Fault(f"{folder}record.json is about something else.")
    for field, tables in (("decision", ("policy_decisions", "decisions")), ("operation", ("operations",))):
        named = {entry["data"][field] for entry in entries if isinstance(entry["data"].get(field), str)}
        missing = sorted(named - {row["id"] for table in tables for row in rows[table]})
        if missing:
            raise Fault(f"The chain of {subject['name']} names {field} {missing[0]}, which its record does not hold.")
    for row in rows["policy_decisions"] if "policies" not in manifest["withheld"] else []:
        if one(files, f"policies/{row['version_id']}.json")["version"]["id"] != row["version_id"]:
            raise Fault(f"The policy that judged {subject['name']} is another one.")
    check_attachments(files, manifest, folder, record, entries)
    check_texts(subject, record, entries)


def check_attachments(
    files: Any, manifest: dict[str, Any], folder: str, record: dict[str, Any], entries: list[Any]
) -> None:
    """Compare files with their hashes, and those with what the ledger recorded, where the salt came along."""
    told = {entry["data"]["attachment"]: entry["data"] for entry in entries if entry["kind"] == "evidence.attached"}
    held = {row["id"]: row["sha256"] for row in record["rows"].get("attachments", [])}
    for number, digest in held.items():
        data = told.get(number, {})
        recorded = data.get("sha256_hmac") if record["salt"] else None
        if number not in told or (recorded and recorded != salted(record["salt"], digest)):
            raise Fault(f"Attachment {number} is not the one that the ledger recorded.")
    for name in (name for name in files.names if name.startswith(folder + "attachments/")):
        if held.get(name[len(folder) + len("attachments/") :].partition(".")[0]) != manifest["files"][name]:
            raise Fault(f"{name} is not the file that its record speaks of.")


def salted(salt: str, text: str) -> str:
    """Hash a text as the ledger does."""
    return hmac.new(unhex(salt), text.encode(), hashlib.sha256).hexdigest()


def check_texts(subject: dict[str, Any], record: dict[str, Any], entries: list[Any]) -> None:
    """Compare texts with their salted hashes in the ledger, where the salt came along."""
    for text in record["texts"]:
        if entries[text["seq"] - 1]["data"][text["field"]] != salted(record["salt"], text["text"]):
            raise Fault(f"A text of {subject['name']} is not the one that entry {text['seq']} recorded.")


def check_places(files: Any, subjects: list[dict[str, Any]]) -> None:
    """Make sure that every file belongs to something that was checked."""
    known = {MANIFEST, SEAL, KEYS, GROWTH, POPULATION, "population/sample.csv"}
    known |= {"README.txt", "verify.py", "index.html", "page.css"}
    folders = ["checkpoints/"]
    for subject in subjects:
        known.add(f"chains/{subject['kind']}/{subject['id']}.jsonl")
        if subject["kind"] == "policy_version":
            known.add(f"policies/{subject['id']}.json")
        if subject["kind"] == "refund_request":
            known |= {f"requests/{subject['name']}/{name}" for name in ("record.json", "page.html")}
            folders.append(f"requests/{subject['name']}/attachments/")
    strange = sorted(name for name in files.names - known if not name.startswith(tuple(folders)))
    if strange:
        raise Fault(f"{strange[0]} belongs to nothing in this bundle.")


def check_population(files: Any, manifest: dict[str, Any]) -> dict[str, Any]:
    """Count and add up the population anew, each currency apart, and draw the sample again."""
    said: dict[str, Any] = manifest["population"]
    ids, sums, digest = [], {}, hashlib.sha256()  # type: list[str], dict[str, dict[str, int]], Any
    names = {}
    for row in lines(files, POPULATION):
        if ids and row["id"] <= ids[-1]:
            raise Fault(f"{POPULATION} is not in its order.")
        ids.append(row["id"])
        names[row["id"]] = row["reference"]
        digest.update(row["id"].encode() + b"\n")
        one_sum = sums.setdefault(row["currency"], {"requested_minor": 0, "amount_minor": 0})
        for field in one_sum:
            one_sum[field] += row[field]
    if (len(ids), sums, digest.hexdigest()) != (said["count"], said["sums"], said["ids_sha256"]):
        raise Fault(f"{POPULATION} does not have the rows and sums that {MANIFEST} says.")
    drawn = sorted(ids, key=lambda one: sha256(f"{said['seed']}\n{one}".encode()))[: said["sample_size"]]
    handed = {subject["id"]: subject["name"] for subject in manifest["subjects"] if subject["kind"] == "refund_request"}
    if handed != {one: names[one] for one in drawn}:
        raise Fault("The requests in this bundle are not those that the seed draws.")
    return said


def check_known(keys: list[str], trusted: list[str], signers: list[dict[str, Any]], notes: list[str]) -> None:
    """Hold the bundle against what the auditor got on another way: keys, and notes of checkpoints."""
    for signer in signers:
        if keys and not {verifier_of(signer), signer["public_key"]} & set(keys):
            raise Fault(f"It is signed with key {signer['key_id']}, which is none that you trust.")
    for note in trusted:
        said = read_checkpoint(note, "The trusted checkpoint")
        if note in notes:
            continue
        sizes = {read_checkpoint(each, SEAL)["size"] for each in notes}
        if said["size"] > max(sizes):
            raise Fault(f"Your checkpoint over {said['size']} entries is newer than this bundle; ask for it again.")
        if said["size"] in sizes:
            raise Fault(
                f"The checkpoint over {said['size']} entries is not the one that you trust: the past was rewritten."
            )
        raise Fault(
            f"Nothing leads from your checkpoint over {said['size']} entries to this bundle: either the past was"
            " rewritten, or the bundle was asked for without naming that checkpoint. Ask for one that names it."
        )


def verify(files: Any, keys: list[str] | None = None, trusted: list[str] | None = None) -> list[str]:
    """Check everything, cheapest first; answers what was checked, in sentences.

    :raises Fault: for the first thing that is not as it was sealed, signed and recorded
    """
    try:
        return _verified(files, keys or [], trusted or [])
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise Fault(f"The bundle is not laid out as one: {type(error).__name__} {error}.") from None


def _verified(files: Any, trusted_keys: list[str], trusted_notes: list[str]) -> list[str]:
    manifest, digest = check_manifest(files)
    check_openssl()
    keys = one(files, KEYS)
    sealer = check_seal(files, manifest, digest, keys)
    checkpoints = check_checkpoints(files, keys)
    latest = checkpoints[max(checkpoints)]
    if manifest["checkpoint"] != max(checkpoints):
        raise Fault(f"{MANIFEST} speaks of another checkpoint.")
    waiting, count = [], 0  # type: list[str], int
    for subject in manifest["subjects"]:
        entries, uncovered = check_chain(files, subject, latest)
        count += len(entries)
        waiting += uncovered
        if subject["kind"] == "signing_key":
            check_rotation(keys, entries)
        elif subject["kind"] == "refund_request":
            check_record(files, manifest, subject, entries)
    check_places(files, manifest["subjects"])
    population = check_population(files, manifest)
    signer = next(key for key in keys if key["key_id"] == latest["key"])
    check_known(trusted_keys, trusted_notes, [sealer, signer], [each["note"] for each in checkpoints.values()])
    number, sample_size = max(checkpoints), min(population["count"], population["sample_size"])
    sums = "; ".join(
        f"{currency} {each['requested_minor']} requested, {each['amount_minor']} approved or still requested"
        for currency, each in sorted(population["sums"].items())
    )
    covered, at = count - len(waiting), f"{latest['at']:%Y-%m-%d %H:%M:%S} UTC"
    said = [
        f"Bundle {manifest['bundle']}, made {manifest['made_at']} for {manifest['made_for']}",
        f"About {manifest['query']['words']}",
        f"Files: {len(manifest['files'])}, all as {MANIFEST} lists them, which is sealed with key {sealer['key_id']}",
        f"  sha256 of {MANIFEST}: {digest}",
        f"Checkpoints: {len(checkpoints)}, all signed, each holding what the one before it held",
        f"  number {number} of {at} covers {latest['size']} entries of the whole ledger",
        f"Chains: {len(manifest['subjects'])} with {count} entries, all whole; {covered} are under checkpoint {number}",
        f"Population: {population['count']} requests; in minor units {sums}",
        f"  the seed {population['seed']!r} draws the {sample_size} of them that are here",
    ]
    said += [
        f"NOT YET COVERED by a checkpoint, the chain alone speaks for it: {each}" for each in waiting[:NAMED_AT_MOST]
    ]
    if len(waiting) > NAMED_AT_MOST:
        said.append(f"So are {len(waiting) - NAMED_AT_MOST} more entries.")
    if not trusted_keys:
        said.append(
            f"The key came with the bundle; compare it with yours, or give yours as --key {verifier_of(signer)}"
        )
    return said


def words_of(value: str) -> str:
    """Read a file where there is one of this name, else take the word itself."""
    is_file = len(value) < 1000 and "\n" not in value and Path(value).is_file()
    return Path(value).read_bytes().decode() if is_file else value


def main(words: list[str]) -> int:
    """Speak with the person at the terminal."""
    here = str(Path(__file__).resolve().parent)
    asked = argparse.ArgumentParser(description="Verify an evidence bundle of Redress.")
    asked.add_argument("bundle", nargs="?", default=here, help="the folder or the ZIP (default: where this file lies)")
    asked.add_argument("--key", action="append", default=[], help="a public key that you trust, or a file with one")
    asked.add_argument("--trusted", action="append", default=[], help="the file of a checkpoint that you trust")
    chosen = asked.parse_args(words)
    try:
        files: Any = Folder(chosen.bundle) if Path(chosen.bundle).is_dir() else Archive(chosen.bundle)
        said = verify(files, [words_of(key).strip() for key in chosen.key], [words_of(note) for note in chosen.trusted])
    except (Fault, OSError, UnicodeDecodeError) as fault:
        print(f"NOT OK: {fault}")
        return 1
    print("\n".join(said))
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
