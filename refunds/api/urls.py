"""The addresses of refunds below `/api/v1/`."""

from django.urls import path

from . import (
    batches,
    breaks,
    bundles,
    checks,
    decisions,
    erasures,
    orders,
    periods,
    preparation,
    requests,
    statements,
    trail,
    verbs,
    webhooks,
)

app_name = "refunds_api"

ONE = "refund-requests/<str:reference>"

urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/<str:channel>/<path:external_id>", orders.OneOrder.as_view(), name="order"),
    path("refund-requests", requests.RefundRequests.as_view(), name="refund_requests"),
    path("refund-requests/check", checks.Checks.as_view(), name="check"),
    path("refund-requests/bulk", batches.Batches.as_view(), name="bulk"),
    path("refund-requests/bulk/<uuid:job_id>/cancel", batches.CancelBatch.as_view(), name="cancel_bulk"),
    path(ONE, requests.OneRefundRequest.as_view(), name="refund_request"),
    path(f"{ONE}/submit", verbs.Submit.as_view(), name="submit"),
    path(f"{ONE}/withdraw", verbs.Withdraw.as_view(), name="withdraw"),
    path(f"{ONE}/ask", verbs.Ask.as_view(), name="ask"),
    path(f"{ONE}/grant-exception", verbs.GrantException.as_view(), name="grant_exception"),
    path(f"{ONE}/approve", verbs.Approve.as_view(), name="approve"),
    path(f"{ONE}/decline", verbs.Decline.as_view(), name="decline"),
    path(f"{ONE}/recall", verbs.Recall.as_view(), name="recall"),
    path(f"{ONE}/retry", verbs.Retry.as_view(), name="retry"),
    path(f"{ONE}/propose-payout", verbs.ProposePayout.as_view(), name="propose_payout"),
    path(f"{ONE}/hold", verbs.Hold.as_view(), name="hold"),
    path(f"{ONE}/release", verbs.Release.as_view(), name="release"),
    path(f"{ONE}/timeline", trail.Timeline.as_view(), name="timeline"),
    path(f"{ONE}/preparation", preparation.RequestPreparation.as_view(), name="preparation"),
    path(f"{ONE}/bundle", bundles.RequestBundle.as_view(), name="request_bundle"),
    path("bundles", bundles.Bundles.as_view(), name="bundles"),
    path("bundles/<uuid:bundle_id>", bundles.OneBundle.as_view(), name="bundle"),
    path("bundles/<uuid:bundle_id>/cancel", bundles.CancelBundle.as_view(), name="cancel_bundle"),
    path("bundles/<uuid:bundle_id>/file", bundles.BundleFile.as_view(), name="bundle_file"),
    path(f"{ONE}/messages", trail.Messages.as_view(), name="messages"),
    path(f"{ONE}/evidence", trail.Evidence.as_view(), name="evidence"),
    path(f"{ONE}/evidence/<uuid:attachment_id>/file", trail.EvidenceFile.as_view(), name="evidence_file"),
    path("evidence-content/<str:token>", trail.EvidenceContent.as_view(), name="evidence_content"),
    path("decisions", decisions.Decisions.as_view(), name="decisions"),
    path("decisions/<uuid:action_id>", decisions.OneDecision.as_view(), name="decision"),
    path("decisions/<uuid:action_id>/approve", decisions.ApproveDecision.as_view(), name="approve_decision"),
    path("decisions/<uuid:action_id>/decline", decisions.DeclineDecision.as_view(), name="decline_decision"),
    path("erasures", erasures.Erasures.as_view(), name="erasures"),
    path("erasures/<uuid:erasure_id>", erasures.OneErasure.as_view(), name="erasure"),
    path("statements", statements.Statements.as_view(), name="statements"),
    path("reconciliation/breaks", breaks.Breaks.as_view(), name="breaks"),
    path("reconciliation/breaks/<uuid:break_id>/resolve", breaks.ResolveBreak.as_view(), name="resolve_break"),
    path("periods", periods.Periods.as_view(), name="periods"),
    path("periods/<uuid:period_id>/sign-off", periods.SignOff.as_view(), name="sign_off"),
    path("webhook-deliveries", webhooks.WebhookDeliveries.as_view(), name="webhook_deliveries"),
    path("webhook-deliveries/<uuid:delivery_id>/redeliver", webhooks.Redeliver.as_view(), name="redeliver"),
]
