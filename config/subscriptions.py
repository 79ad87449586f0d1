"""Which task hears which news, and what is written along with it: the whole wiring between apps on one page."""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "operation.queued": ("refunds.tasks.perform_operation",),
    "delivery.received": ("refunds.tasks.apply_delivery",),
    "shop_delivery.received": ("refunds.tasks.wake_asker",),
    "message.written": ("evidence.tasks.send_message",),
    "refund_request.routed": ("approvals.tasks.tell_opened", "refunds.tasks.prepare_request"),
    "refund_request.referred": ("refunds.tasks.prepare_request",),
    "refund_request.exception_granted": ("approvals.tasks.tell_opened", "refunds.tasks.prepare_request"),
    "refund_request.payout_proposed": ("approvals.tasks.tell_opened",),
    "refund_request.released": ("approvals.tasks.tell_opened",),
    "refund_request.recalled": ("approvals.tasks.tell_opened",),
    "refund_request.signed": ("approvals.tasks.tell_opened",),
    "refund_request.expired": ("approvals.tasks.tell_lapsed",),
    "approval.escalated": ("approvals.tasks.tell_escalated",),
    "approval.due_soon": ("approvals.tasks.tell_due_soon",),
    "approval.overdue": ("approvals.tasks.tell_overdue",),
    "approval.lapsed": ("refunds.tasks.expire_request", "policies.tasks.lapse_action"),
    "governed_action.allowed": ("refunds.tasks.carry_out_action",),
    "governed_action.explained": ("refunds.tasks.count_elsewhere",),
    "governed_action.routed": ("approvals.tasks.tell_opened",),
    "governed_action.signed": ("approvals.tasks.tell_opened",),
    "governed_action.lapsed": ("approvals.tasks.tell_lapsed",),
    "breaks.overdue": ("refunds.tasks.mail_overdue",),
    "notice.written": ("approvals.tasks.mail_notice",),
    "digest.due": ("approvals.tasks.mail_digest",),
    "approval.asked": ("approvals.tasks.tell_opened",),
    "job.queued.import_statement": ("refunds.tasks.import_statement",),
    "shop_note.written": ("refunds.tasks.wake_teller",),
    "job.queued.resync_orders": ("refunds.tasks.wake_resync",),
    "job.queued.fetch_payouts": ("refunds.tasks.fetch_payouts_asked_for",),
    "payout.reconciled": ("refunds.tasks.wake_fetcher",),
    "job.queued.gl_export": ("refunds.tasks.export_journal",),
    "job.queued.backtest": ("policies.tasks.run_backtest",),
    "job.queued.bundle": ("refunds.tasks.wake_builder",),
    "job.queued.dead_ends": ("approvals.tasks.run_look",),
}
"""After the fact: each task gets a row of the outbox."""

WITNESSES: dict[str, tuple[str, ...]] = {
    "refund_request.submitted": ("refunds.outgoing.telling.tell_request",),
    "refund_request.approved": ("refunds.outgoing.telling.tell_request",),
    "refund_request.declined": ("refunds.outgoing.telling.tell_request",),
    "refund_request.refunded": ("refunds.outgoing.telling.tell_request", "refunds.connectors.telling.write_note"),
    "refund_request.failed": ("refunds.outgoing.telling.tell_request",),
    "refund_request.reconciled": ("refunds.outgoing.telling.tell_request",),
    "approval.requested": ("refunds.outgoing.telling.tell_approval",),
    "approval.granted": ("refunds.outgoing.telling.tell_approval",),
    "approval.denied": ("refunds.outgoing.telling.tell_approval",),
    "decision.recorded": ("refunds.outgoing.telling.tell_decision",),
    "approval.due_soon": ("refunds.outgoing.telling.tell_approval",),
    "policy.in_review": ("refunds.outgoing.telling.tell_policy",),
    "policy.published": ("refunds.outgoing.telling.tell_policy",),
    "gateway_line.stopped": ("refunds.outgoing.telling.tell_line",),
}
"""With the fact: called inside its transaction, to write down what will be told outside, and nothing else."""
