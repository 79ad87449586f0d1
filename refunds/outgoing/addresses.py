"""Where a webhook may go: never to an inner address, whatever its name, its spelling or its name server says.

An address is looked up once, everything that comes back is checked, and the call is made to the very address that was
checked. Named exceptions stand in `WEBHOOK_ALLOWED`: hosts, addresses and networks of one's own.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from config.kernel.wording import said
from refunds.models.webhook_endpoint import LONGEST_URL

if TYPE_CHECKING:
    from collections.abc import Callable

    Resolver = Callable[[str, int], list[str]]

PORTS = {"https": 443, "http": 80}
_PRINTABLE = re.compile(r"[!-\[\]-~]+")
"""ASCII without blanks and without the backslash, which browsers and libraries read in different ways."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")

REFUSED_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # the platform of Azure, in a public range
        "192.0.0.0/24",  # kept for protocols; one cloud has its metadata there
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4 in IPv6, an abandoned form
        "64:ff9b::/96",  # NAT64 leads to any IPv4 address
        "64:ff9b:1::/48",
        "2001::/23",  # kept for protocols; Teredo carries an IPv4 address
        "2002::/16",  # 6to4 does
        "3fff::/20",  # for documents
        "5f00::/16",  # routing within one network
        "fec0::/10",  # site-local of old
    )
)
"""What Python counts as global and is not, or leads elsewhere."""


INNER_ENDINGS = (".internal", ".local", ".localhost", ".localdomain", ".lan", ".intranet", ".home.arpa", ".onion")
"""Endings that are never public, so a person hears it when she types and not when the first message fails."""


class ForbiddenAddress(Exception):
    """Nothing is sent there; carries the sentence."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which hosts and networks of our own a caller may call, and whether in the clear."""

    allowed: tuple[str, ...]
    allows_http: bool


def reach_of_webhooks() -> Reach:
    """How far webhooks and shops reach, as the settings say."""
    return Reach(tuple(settings.WEBHOOK_ALLOWED), settings.WEBHOOK_ALLOWS_HTTP)


@dataclass(frozen=True, slots=True)
class Target:
    """A checked web address in its parts; `host` without brackets, in lower case."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, *, reach: Reach | None = None) -> Target:
    """Read a web address and check what can be checked without asking anybody.

    :raises ForbiddenAddress: naming the fault
    """
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url):
        raise ForbiddenAddress(
            said("Write the address in at most {most} plain ASCII characters, without blanks.", most=LONGEST_URL)
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenAddress(said("This is no web address.")) from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in PORTS or not host:
        raise ForbiddenAddress(said("Write a whole web address that begins with https://."))
    if "@" in parts.netloc:
        raise ForbiddenAddress(said("An address carries no user name and no password; the signature is the proof."))
    if parts.fragment:
        raise ForbiddenAddress(said("Nothing after a # is ever sent; leave it out."))
    target = Target(
        parts.scheme,
        host,
        PORTS[parts.scheme] if port is None else port,
        f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
    )
    _check_shape(target, reach or reach_of_webhooks())
    return target


def _check_shape(target: Target, reach: Reach) -> None:
    literal = _literal(target.host)
    if literal is None and not _NAME.fullmatch(target.host):
        raise ForbiddenAddress(said("This is no host name; write other scripts in their ASCII form (xn--…)."))
    if not is_ours(target.host, reach=reach):
        if target.scheme != "https":
            raise ForbiddenAddress(said("Use https: what is sent in the clear can be read and changed on its way."))
        if target.port not in settings.WEBHOOK_PORTS:
            ports = ", ".join(map(str, sorted(settings.WEBHOOK_PORTS)))
            raise ForbiddenAddress(
                said("Port {port} is not one that webhooks go to: {ports}.", port=target.port, ports=ports)
            )
        if literal is not None:
            _check_public(literal)
        elif "." not in target.host.rstrip(".") or target.host.rstrip(".").endswith(INNER_ENDINGS):
            raise ForbiddenAddress(said("This names a machine of our own network."))
    elif target.scheme != "https" and not reach.allows_http:
        raise ForbiddenAddress(said("Use https: what is sent in the clear can be read and changed on its way."))


def is_ours(host: str, *, reach: Reach | None = None) -> bool:
    """Whether a host, as `target_of` reads it, is one of those that the settings name as our own."""
    literal, reach = _literal(host), reach or reach_of_webhooks()
    return host in reach.allowed or (literal is not None and _is_allowed(literal, reach))


def address_to_call(target: Target, *, resolve: Resolver | None = None, reach: Reach | None = None) -> str:
    """Look a host up, once, and answer the address to connect to; all that came back must be allowed.

    :raises ForbiddenAddress: for an inner address among them, or a port that is only for our own
    :raises OSError: when the name is not known
    """
    found = (resolve or look_up)(target.host, target.port)
    if not found:
        raise OSError("The name has no address.")
    addresses, reach = [_address(text) for text in found], reach or reach_of_webhooks()
    if target.host in reach.allowed or all(_is_allowed(address, reach) for address in addresses):
        return found[0]
    if target.scheme != "https" or target.port not in settings.WEBHOOK_PORTS:
        raise ForbiddenAddress(said("Only our own hosts are called without https or at another port."))
    for address in addresses:
        _check_public(address)
    return found[0]


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _check_public(address: IPv4Address | IPv6Address) -> None:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    is_odd = any(inner in network for network in REFUSED_NETWORKS if network.version == inner.version)
    if is_odd or not inner.is_global or inner.is_multicast or inner.is_reserved or inner != address:
        raise ForbiddenAddress(said("{address} is not a public address; nothing is sent there.", address=address))


def _is_allowed(address: IPv4Address | IPv6Address, reach: Reach) -> bool:
    networks = [network for word in reach.allowed if (network := _network(word)) is not None]
    return any(address in network for network in networks if network.version == address.version)


def _network(word: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        return None


def _address(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise ForbiddenAddress(said("“{text}” is no address.", text=text[:60])) from None


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is an address in any spelling the system knows: 2130706433, 0x7f.1 and 0177.0.0.1 too."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError):
        return None
