"""The addresses of refunds."""

from django.urls import path

from .views import (
    bulk,
    bundles,
    erasures,
    evidence_map,
    intake,
    payouts,
    processing,
    reconciliation,
    requests,
    verbs,
)
from .webhooks import views as webhooks

app_name = "refunds"

urlpatterns = [
    path("intake/", intake.intake, name="intake"),
    path("intake/<slug:channel>/<path:external_id>/verdict/", intake.intake_verdict, name="intake_verdict"),
    path("intake/<slug:channel>/<path:external_id>/", intake.intake_order, name="intake_order"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<str:reference>/", requests.refund_request, name="request"),
    path("requests/<str:reference>/panel/", requests.panel, name="panel"),
    path("requests/<str:reference>/bundle/", bundles.ask_bundle, name="ask_bundle"),
    path("bundles/", bundles.bundles, name="bundles"),
    path("bundles/<uuid:bundle_id>/", bundles.bundle, name="bundle"),
    path("bundles/files/<str:token>/", bundles.bundle_file, name="bundle_file"),
    path("requests/<str:reference>/submit/", verbs.submit, name="submit"),
    path("requests/<str:reference>/withdraw/", verbs.withdraw, name="withdraw"),
    path("requests/<str:reference>/evidence/", verbs.add_evidence, name="add_evidence"),
    path("requests/<str:reference>/ask/", verbs.ask, name="ask"),
    path("requests/<str:reference>/grant-exception/", verbs.grant_exception, name="grant_exception"),
    path("requests/<str:reference>/approve/", verbs.approve, name="approve"),
    path("requests/<str:reference>/decline/", verbs.decline, name="decline"),
    path("requests/<str:reference>/recall/", verbs.recall, name="recall"),
    path("requests/<str:reference>/retry/", verbs.retry, name="retry"),
    path("requests/<str:reference>/pay-another-way/", payouts.propose_payout, name="propose_payout"),
    path("requests/<str:reference>/take-up-again/", verbs.take_up_again, name="take_up_again"),
    path("requests/<str:reference>/nothing-moved/", verbs.confirm_nothing_moved, name="confirm_nothing_moved"),
    path("requests/<str:reference>/hold/", verbs.hold, name="hold"),
    path("requests/<str:reference>/release/", verbs.release, name="release"),
    path("queue/bulk/", bulk.bulk, name="bulk"),
    path("evidence-map/", evidence_map.evidence_map, name="evidence_map"),
    path("exceptions/", requests.exceptions, name="exceptions"),
    path("processing/", processing.processing, name="processing"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/upload/", reconciliation.upload_statement, name="upload_statement"),
    path("reconciliation/payout-report/", reconciliation.payout_report, name="payout_report"),
    path("reconciliation/statements/<uuid:statement_id>/", reconciliation.statement, name="statement"),
    path(
        "reconciliation/statements/<uuid:statement_id>/progress/",
        reconciliation.import_progress,
        name="import_progress",
    ),
    path("reconciliation/statements/<uuid:statement_id>/cancel/", reconciliation.cancel_import, name="cancel_import"),
    path("reconciliation/statements/<uuid:statement_id>/match/", reconciliation.match_again, name="match_again"),
    path("erasures/", erasures.erasures, name="erasures"),
    path("erasures/holds/", erasures.set_hold, name="set_hold"),
    path("erasures/holds/<uuid:hold_id>/lift/", erasures.lift_hold, name="lift_hold"),
    path("erasures/<uuid:erasure_id>/", erasures.erasure, name="erasure"),
    path("erasures/<uuid:erasure_id>/confirm/", erasures.confirm, name="confirm_erasure"),
    path("erasures/<uuid:erasure_id>/refuse/", erasures.refuse, name="refuse_erasure"),
    path("search/", requests.search, name="search"),
    path("webhooks/stripe/", webhooks.stripe, name="stripe_webhook"),
]
