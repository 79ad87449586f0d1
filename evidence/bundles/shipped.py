"""The files that lie in every bundle as they lie here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_HERE = Path(__file__).parent

SHIPPED: Final = {name: _HERE / name for name in ("README.txt", "verify.py", "page.css")}
"""By the name that each has in a bundle. Nothing of ours imports the verifier: it stands alone."""


def verifier_sha256() -> str:
    """Hash the verifier, so that whoever has one can compare."""
    return hashlib.sha256(SHIPPED["verify.py"].read_bytes()).hexdigest()
