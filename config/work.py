"""Which work runs when, and in which queue."""

from __future__ import annotations

from typing import Any, Final

from celery.schedules import crontab
from kombu import Queue

DEFAULT_QUEUE: Final = "redress"
SIGNING_QUEUE: Final = "redress_signing"
"""What signs has a queue of its own, so that of many workers one alone may hold the key."""

WEBHOOK_QUEUE: Final = "redress_webhooks"
"""What waits for strangers' servers has another, so that workers of its own can wait and money never does."""

QUEUES: Final = [Queue(name, routing_key=name) for name in (DEFAULT_QUEUE, SIGNING_QUEUE, WEBHOOK_QUEUE)]
"""A worker that is told nothing takes from all of them; with `-Q` it takes from those it names."""

ROUTES: Final = {
    "evidence.make_checkpoints": {"queue": SIGNING_QUEUE},
    "refunds.build_bundle": {"queue": SIGNING_QUEUE},
    "refunds.send_webhooks": {"queue": WEBHOOK_QUEUE},
    "refunds.ask_shops": {"queue": WEBHOOK_QUEUE},
    "refunds.poll_shops": {"queue": WEBHOOK_QUEUE},
    "refunds.resync_orders": {"queue": WEBHOOK_QUEUE},
    "refunds.tell_shops": {"queue": WEBHOOK_QUEUE},
    "refunds.fetch_payouts": {"queue": WEBHOOK_QUEUE},
    "refunds.poll_payouts": {"queue": WEBHOOK_QUEUE},
}

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "sweep the outbox": {"task": "kernel.sweep_outbox", "schedule": 5.0},
    "sweep operations": {"task": "refunds.sweep_operations", "schedule": 10.0},
    "watch refunds that succeeded": {"task": "refunds.watch_succeeded", "schedule": crontab(minute="20")},
    "sweep approval routes": {"task": "approvals.sweep", "schedule": 60.0},
    "ask the virus scanner again": {"task": "evidence.scan_waiting", "schedule": 60.0},
    "compare pictures": {"task": "evidence.compare_the_rest", "schedule": 120.0},
    "sweep webhook deliveries": {"task": "refunds.sweep_deliveries", "schedule": 30.0},
    "send webhooks": {"task": "refunds.send_webhooks", "schedule": 3.0},
    "forget old webhooks": {"task": "refunds.forget_webhooks", "schedule": crontab(hour="4", minute="0")},
    # Its own wake-up may be lost on the way; the rows are not.
    "ask shops": {"task": "refunds.ask_shops", "schedule": 30.0},
    "poll shops": {"task": "refunds.poll_shops", "schedule": 5 * 60.0},
    "tell shops": {"task": "refunds.tell_shops", "schedule": 30.0},
    "read shops again": {"task": "refunds.resync_orders", "schedule": 30.0},
    "read disputes": {"task": "refunds.sweep_disputes", "schedule": 15 * 60.0},
    # Webhooks are lost, and so are wake-ups; the rows are not.
    "look for payouts": {"task": "refunds.poll_payouts", "schedule": crontab(minute="10")},
    "fetch payouts": {"task": "refunds.fetch_payouts", "schedule": 10 * 60.0},
    "sweep governed actions": {"task": "refunds.sweep_actions", "schedule": 30.0},
    "read refunds": {"task": "refunds.sweep_refunds", "schedule": 15 * 60.0},
    "put scheduled policies in force": {"task": "policies.put_in_force", "schedule": 60.0},
    "make checkpoints": {"task": "evidence.make_checkpoints", "schedule": crontab(minute="*/5")},
    "send checkpoints elsewhere": {"task": "evidence.do_errands", "schedule": 60.0},
    "post the journal": {"task": "refunds.post_journal", "schedule": 2 * 60.0},
    "post the whole journal": {"task": "refunds.post_whole_journal", "schedule": crontab(minute="40")},
    "watch breaks": {"task": "refunds.watch_breaks", "schedule": crontab(minute="10")},
    "carry out erasures": {"task": "refunds.carry_out_erasures", "schedule": crontab(hour="3", minute="0")},
    # Its own wake-up may be lost on the way; the rows are not.
    "build bundles": {"task": "refunds.build_bundle", "schedule": 30.0},
    "remove bundles": {"task": "evidence.remove_bundles", "schedule": crontab(minute="*/15")},
    "follow the ledger": {"task": "analytics.follow_ledger", "schedule": 5.0},
    "watch remediation": {"task": "analytics.watch_remediation", "schedule": crontab(hour="5", minute="0")},
    "read patterns": {"task": "analytics.read_patterns", "schedule": crontab(minute="10")},
    "publish scorecards": {"task": "analytics.publish_scorecards", "schedule": crontab(hour="6", minute="0")},
    "look for dead ends": {"task": "approvals.look_for_dead_ends", "schedule": crontab(hour="2", minute="0")},
}
