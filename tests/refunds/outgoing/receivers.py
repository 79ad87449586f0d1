"""Small servers on loopback, each with one habit, and what they were sent."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Write an answer out."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Heard:
    """One request as it came."""

    head: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Name what was sent along, in lower case."""
        pairs = [line.partition(":") for line in self.head.split("\r\n")[1:] if line]
        return {name.lower(): value.strip() for name, _, value in pairs}


@dataclass
class Receiver:
    """A server with one habit; `heard` grows."""

    port: int
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


def says(*answers: bytes) -> Callable[[socket.socket, Receiver], None]:
    """Give these answers in turn, the last one for ever."""

    def habit(client: socket.socket, receiver: Receiver) -> None:
        client.sendall(answers[min(len(receiver.heard), len(answers)) - 1])

    return habit


def hangs(_client: socket.socket, receiver: Receiver) -> None:
    """Say nothing."""
    receiver.over.wait(30)


def resets(client: socket.socket, _receiver: Receiver) -> None:
    """Hang up in the middle."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def drips(client: socket.socket, receiver: Receiver) -> None:
    """Say the head of an answer, a letter at a time, for ever."""
    with suppress(OSError):
        client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not receiver.over.wait(0.05):
            client.sendall(b"z")


def never_ends(client: socket.socket, receiver: Receiver) -> None:
    """Refuse, and explain it without an end."""
    with suppress(OSError):
        client.sendall(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n")
        while not receiver.over.is_set():
            client.sendall(b"because " * 4096)


def slow(client: socket.socket, receiver: Receiver) -> None:
    """Take a second."""
    receiver.over.wait(1)
    client.sendall(OK)


@contextmanager
def listening(
    habit: Callable[[socket.socket, Receiver], None],
    *,
    wrap: Callable[[socket.socket], socket.socket] = lambda client: client,
) -> Iterator[Receiver]:
    """Listen on a port of loopback that is free; `wrap` secures each connection."""
    server = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(server.getsockname()[1])
    threading.Thread(target=_serve, args=(server, receiver, habit, wrap), daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        # A thread that waits for a caller keeps a closed socket listening.
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def _serve(
    server: socket.socket,
    receiver: Receiver,
    habit: Callable[[socket.socket, Receiver], None],
    wrap: Callable[[socket.socket], socket.socket],
) -> None:
    while not receiver.over.is_set():
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(client, receiver, habit, wrap), daemon=True).start()


def _answer(
    client: socket.socket,
    receiver: Receiver,
    habit: Callable[[socket.socket, Receiver], None],
    wrap: Callable[[socket.socket], socket.socket],
) -> None:
    client.settimeout(30)
    with suppress(OSError), wrap(client) as spoken:
        receiver.heard.append(_read(spoken))
        habit(spoken, receiver)


def _read(client: socket.socket) -> Heard:
    taken, until = b"", time.monotonic() + 10
    while b"\r\n\r\n" not in taken and time.monotonic() < until:
        taken += client.recv(65536)
    head, _, body = taken.partition(b"\r\n\r\n")
    heard = Heard(head.decode("latin-1"), body)
    size = int(heard.headers.get("content-length", "0"))
    while len(heard.body) < size:
        heard.body += client.recv(65536)
    return heard
