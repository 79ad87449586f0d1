"""What PostgreSQL refuses by itself on every table that only grows."""

from __future__ import annotations

import pgtrigger

_REFUSE = "RAISE EXCEPTION 'The {what} only grows: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';"


def refuse_change(what: str) -> pgtrigger.Trigger:
    """Refuse to change or take out a row, whoever asks."""
    return pgtrigger.Trigger(
        name="refuse_change",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_REFUSE.format(what=what),
    )


def refuse_truncate(what: str) -> pgtrigger.Trigger:
    """Refuse to empty the table."""
    return pgtrigger.Trigger(
        name="refuse_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=_REFUSE.format(what=what),
    )
