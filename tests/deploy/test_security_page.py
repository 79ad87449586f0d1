"""The page of rules names settings, commands and files that are there, and every key and outgoing way."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import get_commands

from config.environment import Environment
from config.kernel.sessions import IDLE, LONGEST
from evidence.pictures import FORMATS

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


SIGNING_IN: Final = (Path(settings.BASE_DIR) / "config/accounts/README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


class TestWhatIsWritten:
    """Rules that only people keep are held to be there, and those that code keeps to be what it does."""

    def test_says_how_long_a_session_lives(self) -> None:
        idle, longest = IDLE // timedelta(minutes=1), LONGEST // timedelta(hours=1)
        for text in (section("Sessions and passwords"), SIGNING_IN):
            assert f"after {idle} minutes without its person, after {longest} hours in" in " ".join(text.split())

    def test_says_that_signing_out_at_the_company_ends_nothing_here(self) -> None:
        assert "Signing out at the company does not end it" in section("Sessions and passwords")

    def test_names_every_way_in(self) -> None:
        ways = {"webauthn": "passkey", "totp": "authenticator app", "recovery_codes": "recovery code"}

        assert set(settings.MFA_SUPPORTED_TYPES) == ways.keys()
        named_ways = {*ways.values(), "password", "the company's own sign-in", "issue_token"}
        assert [way for way in named_ways if way not in SIGNING_IN] == []

    def test_says_what_files_are_taken(self) -> None:
        kinds = {"WEBP": "WebP"}

        assert [kind for kind in FORMATS if kinds.get(kind, kind) not in section("Files")] == []
        assert all(word in section("Files") for word in ("PDF", "`EVIDENCE_*`", "infected"))

    def test_asks_for_a_host_and_a_certificate_of_its_own(self) -> None:
        words = " ".join(section("Where the portal calls (for a firewall)").split())

        assert "a host name of its own (no other application beside it), a certificate that browsers trust" in words

    def test_says_by_when_a_library_is_mended(self) -> None:
        assert re.findall(r"\b\d+\b", section("Mending libraries")) == ["3", "14", "60"]

    def test_names_every_queue_of_costly_work(self) -> None:
        text = section("What is costly")

        costly = ("Bundles", "uploads of statements", "readings of patterns", "simulations", "exports")
        assert [word for word in costly if word not in text] == []
        assert "with a bound for\neach person, progress and cancel" in text

    def test_lists_every_log_with_its_place_and_time(self) -> None:
        rows = [
            line for line in section("Logs").splitlines() if line.startswith("| ") and not line.startswith("| what")
        ]

        assert {row.split(" | ")[0].strip("| ") for row in rows} == {
            "ledger", "sign-ins", "refused actions", "lines of requests and tasks", "figures",
        }  # fmt: skip
        assert all(len([cell for cell in row.strip("|").split("|") if cell.strip()]) == 4 for row in rows)
        assert all(setting in FIELDS for setting in re.findall(r"`([A-Z_]+)`", section("Logs")))
        lines = next(row for row in rows if "lines of requests" in row)
        assert "standard error" in lines
