"""What PostgreSQL does by itself to the ledger: it chains every entry and refuses every change."""

from __future__ import annotations

import pgtrigger

CHAIN = pgtrigger.Trigger(
    name="chain_entry",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("last_seq", "integer"), ("last_hash", "bytea")],
    func="""
        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.subject_kind || ':' || NEW.subject_id, 0));
        SELECT seq, hash INTO last_seq, last_hash FROM evidence_ledgerentry
            WHERE subject_kind = NEW.subject_kind AND subject_id = NEW.subject_id
            ORDER BY seq DESC LIMIT 1;
        NEW.seq := coalesce(last_seq, 0) + 1;
        NEW.prev_hash := coalesce(
            last_hash, sha256(convert_to(NEW.subject_kind || ':' || NEW.subject_id, 'UTF8'))
        );
        NEW.hash := sha256(
            decode('00', 'hex') || NEW.prev_hash || int4send(NEW.seq) || convert_to(NEW.payload, 'UTF8')
        );
        NEW.recorded_at := clock_timestamp();
        RETURN NEW;
    """,
)
"""Takes the next place in the subject's chain.

1. One writer per subject at a time, until its transaction ends: no gap, no fork.
2. One look at the last entry through the unique index; each row of a multi-row insert sees the one before it.
3. hash = sha256(0x00 || previous hash || place as four bytes || payload); the first previous hash is sha256("kind:id").
"""

REFUSE_CHANGE = pgtrigger.Trigger(
    name="refuse_change",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="RAISE EXCEPTION 'The ledger is append-only: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';",
)

REFUSE_TRUNCATE = pgtrigger.Trigger(
    name="refuse_truncate",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="RAISE EXCEPTION 'The ledger is append-only: % was refused.', TG_OP USING ERRCODE = 'restrict_violation';",
)
