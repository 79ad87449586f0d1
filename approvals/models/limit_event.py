"""What every limit was, and when: rows that the database writes at each change, whoever made it."""

from __future__ import annotations

import pghistory

from config.kernel.history import NO_LINKS, every_change

from .authority_limit import AuthorityLimit

_event_of_a_limit = pghistory.create_event_model(AuthorityLimit, *every_change(), **NO_LINKS)


class AuthorityLimitEvent(_event_of_a_limit):  # type: ignore[misc, valid-type]
    """A limit as it stood from `pgh_created_at` on, or was taken away then, as `pgh_label` says."""
