"""Nothing is ever sent to an inner address, whatever its name, its spelling or its name server says."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from refunds.outgoing import addresses
from refunds.outgoing.addresses import ForbiddenAddress, address_to_call, target_of
from refunds.outgoing.calling import call
from refunds.outgoing.vocabulary import CallOutcome
from tests.harness.world import NOON

from .receivers import OK, listening, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOSTILE = """
http://hooks.example.com/
https://127.0.0.1/
https://127.1/
https://2130706433/
https://0x7f000001/
https://0x7f.0x0.0x0.0x1/
https://0177.0.0.1/
https://017700000001/
https://0/
https://0.0.0.0/
https://10.0.0.1/
https://172.16.9.9/
https://192.168.1.1/
https://169.254.169.254/latest/meta-data/
https://2852039166/latest/meta-data/
https://100.100.100.200/latest/meta-data/
https://100.64.0.1/
https://168.63.129.16/metadata
https://192.0.0.192/opc/v1/instance/
https://192.0.2.1/
https://198.18.0.1/
https://198.51.100.7/
https://203.0.113.7/
https://192.88.99.1/
https://224.0.0.1/
https://239.255.255.250/
https://240.0.0.1/
https://255.255.255.255/
https://[::1]/
https://[::]/
https://[::ffff:127.0.0.1]/
https://[::ffff:8.8.8.8]/
https://[::ffff:a9fe:a9fe]/
https://[::127.0.0.1]/
https://[64:ff9b::7f00:1]/
https://[64:ff9b:1::1]/
https://[2002:7f00:1::1]/
https://[2001:0:7f00:1::1]/
https://[2001:db8::1]/
https://[fe80::1]/
https://[fe80::1%25eth0]/
https://[fc00::1]/
https://[fd00:ec2::254]/latest/meta-data/
https://[fec0::1]/
https://[ff02::1]/
https://localhost/
https://LOCALHOST/
https://localhost./
https://portal.localhost/
https://metadata.google.internal/computeMetadata/v1/
https://printer.local/
https://router.lan/
https://intranet/
https://hooks.example.com:22/
https://hooks.example.com:5432/
https://hooks.example.com:0/
https://hooks.example.com:99999/
https://user:password@hooks.example.com/
https://user@hooks.example.com/
https://hooks.example.com@127.0.0.1/
https://hooks.example.com/#secret
https:///etc/passwd
https://
https:hooks.example.com
file:///etc/passwd
gopher://hooks.example.com/
ftp://hooks.example.com/
javascript:alert(1)
//hooks.example.com/
hooks.example.com
https://[::1/
https://-hooks.example.com/
""".strip().split("\n")

ODD = (
    "",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.exa mple.com/",
    "https://hooks.example.com/\tx",
    "https://hooks.example.com/\r\nHost: x",
    "https://hooks.example.com/\x00",
    "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "https://hooks\u3002example.com/",
    "https://h\u00f6\u00f6ks.example.com/",
    "https://hooks.example.com/\u2028",
    "https://hooks.example.com/" + "x" * 500,
)

INNER = [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "::1",
    "::ffff:10.0.0.1",
    "fd00:ec2::254",
    "100.64.3.2",
    "224.0.0.9",
]


@pytest.fixture(autouse=True)
def outside(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED = []
    settings.WEBHOOK_ALLOWS_HTTP = False
    settings.WEBHOOK_PORTS = frozenset({443})


def answering(*rounds: list[str]) -> Callable[[str, int], list[str]]:
    """Be a name server that says something else each time it is asked."""
    told: Iterator[list[str]] = iter(rounds)
    return lambda _host, _port: next(told)


class TestAnAddress:
    @pytest.mark.parametrize("url", [*HOSTILE, *ODD])
    def test_that_leads_inside_or_nowhere_is_refused_before_anybody_is_asked(self, url: str) -> None:
        with pytest.raises(ForbiddenAddress):
            target_of(url)

    @pytest.mark.parametrize(
        ("url", "port", "path"),
        [
            ("https://hooks.example.com", 443, "/"),
            ("https://hooks.example.com/a/b?c=d", 443, "/a/b?c=d"),
            ("https://HOOKS.example.com:443/", 443, "/"),
            ("https://xn--hoks-5qa.example.com/", 443, "/"),
            ("https://8.8.8.8/", 443, "/"),
            ("https://[2606:4700:4700::1111]/", 443, "/"),
        ],
    )
    def test_that_is_public_is_taken(self, url: str, port: int, path: str) -> None:
        target = target_of(url)

        assert (target.scheme, target.port, target.path) == ("https", port, path)
        assert target.host == target.host.lower()

    def test_of_our_own_is_taken_when_it_is_named(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOWED = ["receiver", "10.20.0.0/16"]

        assert target_of("https://receiver:8443/").port == 8443
        assert target_of("https://10.20.3.4:9000/").host == "10.20.3.4"
        for other in ("https://10.21.0.1/", "https://receiver2:8443/", "http://receiver/"):
            with pytest.raises(ForbiddenAddress):
                target_of(other)

    def test_of_our_own_may_do_without_https_in_a_demo(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOWED, settings.WEBHOOK_ALLOWS_HTTP = ["127.0.0.1"], True

        assert target_of("http://127.0.0.1:9000/").scheme == "http"
        with pytest.raises(ForbiddenAddress):
            target_of("http://hooks.example.com/")

    def test_may_have_another_port_when_it_is_listed(self, settings: Any) -> None:
        settings.WEBHOOK_PORTS = frozenset({443, 8443})

        assert target_of("https://hooks.example.com:8443/").authority == "hooks.example.com:8443"


class TestAName:
    @pytest.mark.parametrize("inner", INNER)
    def test_that_leads_inside_is_not_called(self, inner: str) -> None:
        with pytest.raises(ForbiddenAddress):
            address_to_call(target_of("https://hooks.example.com/"), resolve=answering([inner]))

    @pytest.mark.parametrize("inner", INNER)
    def test_that_leads_inside_among_others_is_not_called(self, inner: str) -> None:
        with pytest.raises(ForbiddenAddress):
            address_to_call(target_of("https://hooks.example.com/"), resolve=answering(["8.8.8.8", inner]))

    def test_is_asked_for_once(self) -> None:
        resolve = answering(["8.8.8.8"], ["127.0.0.1"])

        assert address_to_call(target_of("https://hooks.example.com/"), resolve=resolve) == "8.8.8.8"

    def test_without_https_leads_only_to_our_own(self, settings: Any) -> None:
        settings.WEBHOOK_ALLOWED, settings.WEBHOOK_ALLOWS_HTTP = ["127.0.0.1"], True
        target = addresses.Target("http", "hooks.example.com", 80, "/")

        with pytest.raises(ForbiddenAddress):
            address_to_call(target, resolve=answering(["8.8.8.8"]))


class TestACall:
    def test_goes_to_the_very_address_that_was_checked(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name server that answers well once and badly ever after is asked once."""
        settings.WEBHOOK_ALLOWED, settings.WEBHOOK_ALLOWS_HTTP = ["127.0.0.1", "hooks.example.com"], True
        real, asked = socket.getaddrinfo, []

        def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
            asked.append(host)
            names = [one for one in asked if one == "hooks.example.com"]
            known = {"hooks.example.com": "127.0.0.1" if len(names) == 1 else "127.0.0.2"}
            return real(known.get(host, host), *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        with listening(says(OK)) as receiver:
            answer = call(
                url=f"http://hooks.example.com:{receiver.port}/", body=b"{}", headers={"webhook-id": "msg_1"}, at=NOON
            )

        assert answer.outcome is CallOutcome.DELIVERED
        assert receiver.heard[0].headers["host"] == f"hooks.example.com:{receiver.port}"
        assert asked.count("hooks.example.com") == 1

    @pytest.mark.parametrize("inner", INNER)
    def test_opens_no_connection_to_an_inner_address(self, inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_args: Any, **_kwargs: Any) -> Any:
            raise AssertionError("A connection was opened.")

        monkeypatch.setattr(socket.socket, "connect", never)
        answer = call(
            url="https://hooks.example.com/", body=b"{}", headers={}, at=NOON, resolve=answering([inner], ["8.8.8.8"])
        )

        assert answer.outcome is CallOutcome.FORBIDDEN
        assert "not a public address" in answer.excerpt

    def test_takes_no_proxy_from_the_environment(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.WEBHOOK_ALLOWED, settings.WEBHOOK_ALLOWS_HTTP = ["127.0.0.1"], True
        with listening(says(OK)) as proxy, listening(says(OK)) as receiver:
            for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            answer = call(url=receiver.url, body=b"{}", headers={}, at=NOON)

        assert answer.outcome is CallOutcome.DELIVERED
        assert (len(proxy.heard), len(receiver.heard)) == (0, 1)

    def test_to_a_name_that_is_not_known_is_an_answer_too(self) -> None:
        def unknown(_host: str, _port: int) -> list[str]:
            raise socket.gaierror(-2, "Name or service not known")

        answer = call(url="https://gone.example.com/", body=b"{}", headers={}, at=NOON, resolve=unknown)

        assert answer.outcome is CallOutcome.UNREACHABLE
