"""What the locked packages are: an SBOM, their licences, and what is known against them.

    make audit

Its tools have a lock file and an environment of their own, so that neither production nor the tests carry them. A
package with a known vulnerability or a licence nobody allowed ends it with 1. Where no source of advisories answers,
it says "not audited" and never "clean".
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
LOCKS = PROJECT / "config" / "requirements"
TOOLS = PROJECT / "var" / "audit"
SBOM = PROJECT / "var" / "sbom.cdx.json"

SOURCES = ("osv", "pypi")
KNOWN_BAD = "django==3.2.0"
"""A version with dozens of advisories: a source that knows none against it knows nothing."""

# Permissive ones, and those that ask only for changes to the library itself, of which we make none.
ALLOWED = {
    *("0BSD", "2-clause BSD", "BSD", "BSD 3-Clause", "BSD-2-Clause", "BSD-3-Clause", "ISC", "ISCL", "Zlib", "CC0-1.0"),
    *("MIT", "MIT-0", "MIT-CMU", "Apache", "Apache 2.0", "Apache-2.0", "Apache Software", "Unlicense"),
    *("PSF-2.0", "Python Software Foundation", "MPL-2.0", "Mozilla Public License 2.0", "LGPL-3.0-only"),
    "GNU Lesser General Public License v2 or later",
}
LOOKED_AT = {
    "qrcode": "BSD; its other classifier is for the older MIT text it keeps",
    "pypdfium2": "BSD-3-Clause or Apache-2.0; what PDFium carries inside is listed in the package",
}
"""Packages whose words say more than one thing, with what somebody read in their licence."""


def main() -> int:
    """Write the SBOM, then look at licences and at advisories."""
    install_tools()
    write_sbom()
    return max(check_licences(), check_advisories())


def install_tools() -> None:
    """Install the locked tools unless the very same ones are installed."""
    lock, stamp = LOCKS / "audit.txt", TOOLS / "installed"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", TOOLS], check=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    subprocess.run([TOOLS / "bin" / "python", *install], check=True)
    stamp.write_text(lock.read_text())


def write_sbom() -> None:
    """List what production installs, with versions and hashes, in CycloneDX."""
    lock = str(LOCKS / "production.txt")
    words = ["requirements", "--pyproject", str(PROJECT / "pyproject.toml"), "--output-reproducible", "--of", "JSON"]
    subprocess.run([TOOLS / "bin" / "cyclonedx-py", *words, "-o", str(SBOM), lock], check=True, capture_output=True)
    count = len(json.loads(SBOM.read_text())["components"])
    print(f"SBOM: {count} packages in {SBOM.relative_to(PROJECT)}.")


def check_licences() -> int:
    """Say which packages of production have a licence that nobody allowed."""
    words = [f"--python={sys.executable}", "--from=mixed", "--format=json", "--packages", *packages("production")]
    told = json.loads(_heard("pip-licenses", *words).stdout)
    strange = [one for one in told if one["Name"] not in LOOKED_AT and not is_allowed(one["License"])]
    for one in strange:
        print(f"Licence not allowed: {one['Name']} {one['Version']} is under “{one['License']}”.")
    read = {plain_name(one["Name"]) for one in told}
    unread = [name for name in packages("production") if plain_name(name) not in read]
    print(f"Licences: {len(told)} packages read, {len(strange)} not allowed.")
    if unread:
        print(f"Licences not read, because they are not installed on this kind of machine: {', '.join(unread)}.")
    return int(bool(strange))


def check_advisories() -> int:
    """Say which locked packages have a known vulnerability, or that nobody was there to ask."""
    source = next((one for one in SOURCES if knows_something(one)), None)
    if source is None:
        print(f"NOT AUDITED: no source of advisories answers here ({', '.join(SOURCES)} were asked). Audit elsewhere.")
        return 0
    hit = False
    for kind in ("production", "development"):
        words = ["-r", str(LOCKS / f"{kind}.txt"), "--require-hashes", "--disable-pip", "-s", source, "-f", "json"]
        found, unread = told_of(_heard("pip-audit", *words).stdout)
        for name in unread:
            print(f"NOT AUDITED: {name} is not known to {source}.")
        for sentence in found:
            print(f"Vulnerable: {sentence}")
        hit = hit or bool(found)
        print(f"Advisories: {kind} asked of {source}, {len(found)} vulnerable, {len(unread)} not audited.")
    return int(hit)


def knows_something(source: str) -> bool:
    """Tell whether a source answers, and knows what everybody knows."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as asked:
        asked.write(KNOWN_BAD)
        asked.flush()
        heard = _heard("pip-audit", "-r", asked.name, "--no-deps", "--disable-pip", "-s", source, "-f", "json")
    return bool(told_of(heard.stdout)[0])


def told_of(answer: str) -> tuple[list[str], list[str]]:
    """Read what pip-audit says: a sentence for each vulnerable package, and the names it could not ask about."""
    try:
        packages_told: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        return [], []
    found = [
        f"{one['name']} {one['version']}: {', '.join(vulnerability['id'] for vulnerability in one['vulns'])}"
        for one in packages_told
        if one.get("vulns")
    ]
    return found, [one["name"] for one in packages_told if "skip_reason" in one]


def is_allowed(licence: str) -> bool:
    """Tell whether every licence that must be kept, or one of those offered, is on the list."""
    first = licence.partition("\n")[0]
    # A name may repeat itself in brackets: "Mozilla Public License 2.0 (MPL 2.0)".
    plain = re.sub(r" \([A-Za-z0-9. +]+\)(?=;|$)", "", first)
    return all(
        any(re.sub(r"^The | License$", "", one.strip(" ()")) in ALLOWED for one in part.split(" OR "))
        for part in re.split(r";| AND ", plain)
    )


def packages(kind: str) -> list[str]:
    """Name the packages of a lock file."""
    return re.findall(r"^([a-z0-9._-]+)==", (LOCKS / f"{kind}.txt").read_text(), re.MULTILINE)


def plain_name(name: str) -> str:
    """Write a package's name as the index does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _heard(tool: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOLS / "bin" / tool, *words], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
