"""A connection to one checked address, and the fuse that ends it in time."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING

import certifi
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from .addresses import Target


def connection_to(target: Target, address: str, *, connect_seconds: float) -> HTTPConnection:
    """Make a connection to an address, under the name for which its certificate must be good."""
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=connect_seconds)
    trusted = ssl.create_default_context(cafile=certifi.where())
    if settings.WEBHOOK_CA_FILE:
        trusted.load_verify_locations(cafile=str(settings.WEBHOOK_CA_FILE))
    name = target.host.rstrip(".")
    return HTTPSConnection(
        address, target.port, timeout=connect_seconds, ssl_context=trusted, server_hostname=name, assert_hostname=name
    )


class Fuse:
    """Ends a connection when it took too long altogether: time-outs of a socket begin anew with each byte."""

    def __init__(self, connection: HTTPConnection, *, silence_seconds: float, altogether_seconds: float) -> None:
        """Begin to count."""
        self.has_blown = False
        self._connection = connection
        self._silence_seconds = silence_seconds
        self._held: list[socket.socket] = []
        self._timer = Timer(altogether_seconds, self._blow)
        self._timer.daemon = True
        self._timer.start()

    def hold(self) -> None:
        """Keep the socket: the connection forgets it while an answer with `Connection: close` is still read."""
        self._connection.sock.settimeout(self._silence_seconds)
        self._held.append(self._connection.sock)

    def end(self) -> None:
        """Be in time."""
        self._timer.cancel()

    def _blow(self) -> None:
        self.has_blown = True
        for one in (*self._held, self._connection.sock):
            with suppress(OSError, AttributeError):
                one.shutdown(socket.SHUT_RDWR)
