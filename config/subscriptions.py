"""Which task hears which news: the whole wiring of after-the-fact work on one page."""

from __future__ import annotations

SUBSCRIPTIONS: dict[str, tuple[str, ...]] = {
    "operation.queued": ("refunds.tasks.perform_operation",),
    "delivery.received": ("refunds.tasks.apply_delivery",),
    "message.written": ("evidence.tasks.send_message",),
    "job.queued.import_statement": ("refunds.tasks.import_statement",),
    "job.queued.backtest": ("policies.tasks.run_backtest",),
}
