"""What the proxies we ship agree to: TLS 1.2 and 1.3, and for the first only what nobody can open later."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Final

from django.conf import settings

FOLDER: Final = Path(settings.BASE_DIR) / "config/deploy"
NGINX: Final = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
CADDY: Final = (FOLDER / "Caddyfile").read_text(encoding="utf-8")


def named(setting: str) -> list[str]:
    return re.findall(rf"^\s*{setting}\s+([^;]+);", NGINX, re.MULTILINE)


class TestNginx:
    def test_speaks_nothing_older_than_tls_1_2(self) -> None:
        assert [set(one.split()) for one in named("ssl_protocols")] == [{"TLSv1.2", "TLSv1.3"}]

    def test_agrees_to_ciphers_alone_that_are_authenticated_and_keep_past_calls_secret(self) -> None:
        (listed,) = named("ssl_ciphers")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(listed)
        taken = [one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"]

        assert {one["name"] for one in taken} == set(listed.split(":"))
        assert all(one["aead"] and one["strength_bits"] >= 128 and one["kea"] == "kx-ecdhe" for one in taken)

    def test_leads_everybody_else_to_tls(self) -> None:
        servers = re.split(r"^server \{", NGINX, flags=re.MULTILINE)[1:]
        clear = [one for one in servers if "ssl" not in one.partition("server_name")[0]]

        assert len(clear) == 1
        assert "return 301 https://" in clear[0]
        assert "proxy_pass" not in clear[0]


class TestCaddy:
    def test_is_left_its_own_choice_which_is_a_good_one(self) -> None:
        """It speaks 1.2 and 1.3 and picks its ciphers itself; a line of ours could only make that worse."""
        assert not re.search(r"^\s*(protocols|ciphers|curves|insecure_\w+)\b", CADDY, re.MULTILINE)
        assert not re.search(r"http://\{\$SITE|auto_https\s+(off|disable)", CADDY)
