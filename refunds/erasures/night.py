"""The nightly run: confirmed erasures go on, and what is kept for a while only is emptied when its while is over."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from config.kernel.idempotency import KEPT_FOR, StoredAnswer
from config.kernel.lockout import forget_tries
from config.kernel.pace import forget_paces
from config.kernel.sessions import SessionStore
from config.kernel.sign_in_log import forget_events
from evidence.bundles.keeping import remove_expired
from evidence.erasing import remove_erased_files
from refunds.models import Delivery, Erasure, ErasureNight, LegalHold, PaymentFile, Statement, StatementLine
from refunds.vocabulary import DeliveryState, ErasureState

from .carrying_out import carry_out_erasure
from .retention import longest_voucher_years

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

BODIES_KEPT_FOR = timedelta(days=30)
"""As long as Stripe sends an event again on demand; the refund itself is read anew, never from the body."""


def run_night(*, at: datetime) -> ErasureNight:
    """Carry out every confirmed erasure as far as the law allows today, and empty what is out of time.

    Each erasure is on its own: one that fails is logged, keeps nobody waiting and is tried again the next night.
    """
    remove_erased_files()
    confirmed = Erasure.objects.filter(state=ErasureState.BLOCKED).order_by("asked_at", "pk")
    ids = list(confirmed.values_list("pk", flat=True))
    night = ErasureNight.objects.create(started_at=at, total_count=len(ids))
    for erasure_id in ids:
        try:
            erasure = carry_out_erasure(erasure_id=erasure_id, at=at)
            night.done_count += erasure.state == ErasureState.DONE
        except Exception:
            # One that fails must not keep all others waiting; it is tried again the next night.
            logger.exception("erasure.failed", erasure=str(erasure_id))
        night.seen_count += 1
        night.save(update_fields=["seen_count", "done_count"])
    remove_expired(at=at)
    empty_out_of_time(at=at)
    night.ended_at = at
    night.save(update_fields=["ended_at"])
    return night


def empty_out_of_time(*, at: datetime) -> None:
    """Delete old answers and sessions that ended; empty webhook bodies, statements and payment files out of time.

    These files are of accounts and not of customers: while any legal hold stands they stay.
    """
    StoredAnswer.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    forget_paces(at=at)
    forget_tries(at=at)
    SessionStore.clear_expired()
    forget_events(at=at)
    handled = Delivery.objects.filter(state__in=[DeliveryState.APPLIED, DeliveryState.IGNORED])
    handled.filter(received_at__lt=at - BODIES_KEPT_FOR).exclude(raw=b"").update(raw=b"")
    if LegalHold.objects.filter(lifted_at=None).exists():
        return
    oldest_kept_year = timezone.localdate(at, UTC).year - longest_voucher_years()
    old = Statement.objects.filter(is_imported=True, uploaded_at__year__lt=oldest_kept_year).exclude(content=b"")
    StatementLine.objects.filter(statement__in=old).exclude(text="").update(text="")
    old.update(content=b"", filename="erased")
    PaymentFile.objects.filter(prepared_at__year__lt=oldest_kept_year).exclude(sealed="").update(sealed="")
