"""What evidence does after the fact: ids in, one call."""

from __future__ import annotations

from . import messages


def send_message(*, message_id: str, **_later: str) -> None:
    """Send a written message once."""
    messages.send_message(message_id=message_id)
