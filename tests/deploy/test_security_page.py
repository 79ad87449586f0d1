"""The page of rules names settings, commands and files that are there, and every key and outgoing way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import get_commands

from config.environment import Environment

PAGE: Final = (Path(settings.BASE_DIR) / "config/deploy/security.md").read_text(encoding="utf-8")
FIELDS: Final = {name.upper() for name in Environment.model_fields} | {
    f"{name.upper()}_FILE" for name in Environment.SECRETS
}
OUTGOING: Final = {name for name in FIELDS if name.endswith("_URL") and name != "PORTAL_URL"} | {"CLAMD_ADDRESS"}
KEYS: Final = {name for name in FIELDS if name.endswith(("_KEYS", "SECRET_KEY", "SIGNING_KEY_FILE", "_FALLBACKS"))}


def named() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z_]+[A-Z])(?:`|=)", PAGE))


class TestThePageOfRules:
    def test_names_settings_that_are_there(self) -> None:
        assert named() - FIELDS == set()

    def test_names_every_key_and_every_way_out(self) -> None:
        assert (KEYS | OUTGOING) - named() == set()

    def test_names_commands_and_files_that_are_there(self) -> None:
        assert set(re.findall(r"manage\.py (\w+)", PAGE)) <= set(get_commands())
        files = re.findall(r"`((?:config|refunds)/[\w/.]+)`", PAGE)
        assert files != []
        assert [name for name in files if not (Path(settings.BASE_DIR) / name).is_file()] == []
