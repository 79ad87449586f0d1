"""Run the sandbox: `python -m refunds.gateways.sandbox`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.desk import Desk
from refunds.gateways.sandbox.journal import Journal, JournalInUse
from refunds.gateways.sandbox.server import LOOPBACK, SandboxServer
from refunds.gateways.sandbox.shapes import event_shape
from refunds.gateways.sandbox.webhooks import WebhookSender


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; exit status 1 when the port or the books are taken."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="sandbox: %(message)s")
    try:
        desk = _desk(options)
    except JournalInUse as taken:
        sys.stderr.write(f"{taken}\n")
        return 1
    try:
        server = SandboxServer(options.port, desk)
    except OSError as taken:
        sys.stderr.write(f"Port {options.port} is not free for the sandbox: {taken.strerror}.\n")
        return 1
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    desk.open()
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    sys.stdout.write(f"Sandbox gateway at http://{LOOPBACK}:{server.server_address[1]}\n")
    sys.stdout.flush()
    stop.wait()
    server.shutdown()
    desk.close()
    return 0


def _desk(options: argparse.Namespace) -> Desk:
    books = Books(Journal(options.data))
    sender = WebhookSender(options.webhook_url, options.webhook_secret, lambda event: event_shape(event, books))
    sender.on_delivered = books.mark_delivered
    return Desk(books, sender, options.settle_seconds)


def _options() -> argparse.Namespace:
    world = os.environ
    webhook_url = f"http://{LOOPBACK}:{world.get('PORT', '8000')}/webhooks/stripe/"
    parser = argparse.ArgumentParser(prog="refunds.gateways.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=int(world.get("SANDBOX_PORT", "12111")), help="0 takes any")
    parser.add_argument("--data", type=Path, default=Path(world.get("SANDBOX_DATA", "var/sandbox")))
    parser.add_argument("--webhook-url", default=world.get("SANDBOX_WEBHOOK_URL", webhook_url), help="empty: send none")
    parser.add_argument("--webhook-secret", default=world.get("SANDBOX_WEBHOOK_SECRET", "whsec_demo"))
    parser.add_argument(
        "--settle-seconds",
        type=float,
        default=float(world.get("SANDBOX_SETTLE_SECONDS", "3")),
        help="how long a pending refund takes, and a late failure",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
