"""Who hears what at every address: the table that a new address must be entered in.

Columns: somebody not logged in, then the people of the stories. Objects are of the British team: Asha, who works for
the American one, is the stranger and hears 404; people without the right hear 403; 302 leads on or to the login.
"""

from __future__ import annotations

WHO = (
    "",
    "amir",
    "asha",
    "mei",
    "milo",
    "dana",
    "viktor",
    "vera",
    "lena",
    "luis",
    "sam",
    "ada",
    "root",
    "bot",
    "nobody",
    "zeus",
)

TABLE = """
                                    any ami ash mei mil dan vik ver len lui sam ada roo bot nob zeu
GET  home                           302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
GET  login                          200 302 302 302 302 302 302 302 302 302 302 302 302 302 302 302
POST login                          200 302 302 302 302 302 302 302 302 302 302 302 302 302 302 302
GET  step_up                        302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
POST step_up                        302 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403
POST logout                         302 302 302 302 302 302 302 302 302 302 302 302 302 302 302 302
GET  live                           302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
GET  live_poll                      302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
GET  palette                        302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
GET  settings                       302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
POST settings                       302 302 302 302 302 302 302 302 302 302 302 302 302 403 302 302
GET  approvals:open_link            302 404 404 404 404 404 404 404 404 404 404 404 404 403 404 404
GET  approvals:notices              302 200 200 200 200 200 200 200 200 200 200 200 200 403 200 200
POST approvals:notices              302 422 422 422 422 422 422 422 422 422 422 422 422 403 422 422
POST approvals:read_notices         302 302 302 302 302 302 302 302 302 302 302 302 302 403 302 302
GET  approvals:queue                302 403 403 403 403 200 200 200 403 403 403 200 403 403 403 200
GET  policies:dead_ends             302 403 403 403 403 200 200 200 200 200 403 200 200 403 403 200
POST policies:dead_ends             302 403 403 403 403 302 302 302 302 302 403 302 302 403 403 302
GET  policies:actions               302 403 403 403 403 200 200 200 200 200 200 200 200 403 403 200
GET  policies:action                302 403 403 403 403 200 200 200 200 200 200 200 200 403 403 200
GET  policies:action_panel          302 403 403 403 403 200 200 200 200 200 200 200 200 403 403 200
POST policies:approve_action        302 403 403 403 403 302 302 302 403 403 403 403 403 403 403 302
POST policies:decline_action        302 403 403 403 403 302 302 302 403 403 403 403 403 403 403 302
POST policies:explain_action        302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
GET  approvals:freezes              302 403 403 403 403 200 200 200 200 200 403 200 200 403 403 200
GET  approvals:delegations          302 403 403 403 403 200 200 200 403 403 403 200 200 403 403 200
POST approvals:delegations          302 403 403 403 403 422 422 422 403 403 403 403 403 403 403 422
POST approvals:accept_delegation    302 403 403 403 403 302 403 404 403 403 403 403 403 403 403 403
POST approvals:decline_delegation   302 403 403 403 403 302 403 404 403 403 403 403 403 403 403 403
POST approvals:end_delegation       302 403 403 403 403 302 302 404 403 403 403 403 302 403 403 302
POST approvals:enter_absence        302 403 403 403 403 422 422 422 403 403 403 403 422 403 403 422
POST approvals:remove_absence       302 403 403 403 403 302 404 404 403 403 403 403 302 403 403 302
POST approvals:freezes              302 403 403 403 403 403 403 403 422 422 403 403 422 403 403 422
POST approvals:lift_freeze          302 403 403 403 403 403 403 403 409 409 403 403 409 403 403 409
GET  approvals:authority            302 403 403 403 403 200 200 200 200 200 403 200 200 403 403 200
GET  approvals:limit_changes        302 403 403 403 403 403 403 403 200 200 403 200 200 403 403 200
POST approvals:confirm_change       302 403 403 403 403 403 403 403 302 302 403 403 302 403 403 302
POST approvals:refuse_change        302 403 403 403 403 403 403 403 422 422 403 403 422 403 403 422
POST approvals:withdraw_change      302 403 403 403 403 403 403 403 403 403 403 403 422 403 403 422
POST approvals:confirm_role         302 403 403 403 403 403 403 403 409 409 403 403 409 403 403 409
POST approvals:refuse_role          302 403 403 403 403 403 403 403 422 422 403 403 422 403 403 422
POST approvals:withdraw_role        302 403 403 403 403 403 403 403 403 403 403 403 422 403 403 422
GET  approvals:access_review        302 403 403 403 403 403 403 403 200 200 403 200 200 403 403 200
POST approvals:sign_review          302 403 403 403 403 403 403 403 403 403 403 422 422 403 403 422
POST approvals:claim_next           302 403 403 403 403 302 302 302 403 403 403 302 403 403 403 302
POST approvals:choose_columns       302 403 403 403 403 302 302 302 403 403 403 302 403 403 403 302
POST approvals:save_view            302 403 403 403 403 422 422 422 403 403 403 422 403 403 403 422
POST approvals:rename_view          302 403 403 403 403 422 422 422 403 403 403 422 403 403 403 422
POST approvals:delete_view          302 403 403 403 403 302 302 302 403 403 403 302 403 403 403 302
POST approvals:lease                302 403 403 403 403 302 302 302 403 403 403 403 403 403 403 302
POST approvals:release              302 403 403 403 403 302 302 302 403 403 403 302 403 403 403 302
POST approvals:snooze               302 403 403 403 403 422 422 422 403 403 403 422 403 403 403 422
POST approvals:wake                 302 403 403 403 403 302 302 302 403 403 403 302 403 403 403 302
POST approvals:escalate             302 403 403 403 403 302 302 302 403 403 403 403 403 403 403 302
GET  refunds:intake                 302 200 200 200 200 200 200 200 403 403 403 403 403 403 403 200
POST refunds:intake_verdict         302 200 404 200 200 200 200 200 403 403 403 403 403 403 403 200
GET  refunds:intake_order           302 200 404 200 200 200 200 200 403 403 403 403 403 403 403 200
POST refunds:intake_order           302 302 404 302 302 302 302 302 403 403 403 403 403 403 403 302
GET  refunds:requests               302 200 200 200 200 200 200 200 200 200 200 200 200 403 403 200
GET  refunds:request                302 200 404 200 200 200 200 200 200 200 200 200 200 403 403 200
GET  refunds:panel                  302 200 404 200 200 200 200 200 200 200 200 200 200 403 403 200
GET  refunds:bundles                302 200 200 200 200 200 200 200 200 200 200 200 200 403 403 200
POST refunds:bundles                302 403 403 403 403 403 403 403 422 422 403 422 422 403 403 422
GET  refunds:bundle                 302 200 404 404 404 404 404 404 404 404 404 404 404 403 403 404
POST refunds:bundle                 302 422 404 404 404 404 404 404 404 404 404 404 404 403 403 404
GET  refunds:bundle_file            302 404 404 404 404 404 404 404 404 404 404 404 404 403 403 404
POST refunds:ask_bundle             302 302 404 302 302 302 302 302 302 302 302 302 302 403 403 302
POST refunds:submit                 302 302 404 302 302 302 302 302 403 403 403 403 403 403 403 302
POST refunds:withdraw               302 302 404 302 302 302 302 302 403 403 403 403 403 403 403 302
POST refunds:add_evidence           302 302 404 302 302 302 302 302 403 403 403 403 403 403 403 302
POST refunds:ask                    302 403 404 302 302 302 302 302 403 403 403 403 403 403 403 302
POST refunds:grant_exception        302 403 404 302 302 403 403 403 403 403 403 403 403 403 403 302
POST refunds:approve                302 403 404 403 403 302 302 302 403 403 403 403 403 403 403 302
POST refunds:decline                302 403 404 403 403 302 302 302 403 403 403 403 403 403 403 302
POST refunds:recall                 302 403 404 403 403 302 302 302 403 403 403 403 403 403 403 302
POST refunds:retry                  302 403 404 403 403 403 403 403 302 302 403 403 403 403 403 302
GET  refunds:propose_payout         302 403 403 403 403 403 403 403 200 200 403 403 403 403 403 200
POST refunds:propose_payout         302 403 403 403 403 403 403 403 302 302 403 403 403 403 403 302
POST refunds:take_up_again          302 403 404 403 403 403 403 403 409 409 403 403 403 403 403 409
POST refunds:confirm_nothing_moved  302 403 404 403 403 403 403 403 409 409 403 403 403 403 403 409
POST refunds:hold                   302 403 404 403 403 302 302 302 302 302 403 403 302 403 403 302
POST refunds:release                302 403 404 403 403 302 302 302 302 302 403 403 302 403 403 302
POST refunds:bulk                   302 403 403 403 403 200 200 200 403 403 403 403 403 403 403 200
GET  refunds:exceptions             302 403 403 200 200 403 403 403 403 403 403 403 403 403 403 200
GET  refunds:evidence_map           302 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
POST refunds:release_payments       302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
POST refunds:try_line               302 403 403 403 403 403 403 403 409 409 403 403 403 403 403 409
GET  refunds:processing             302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
GET  refunds:payment_files          302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
POST refunds:prepare_payment_file   302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
GET  refunds:payment_file           302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
POST refunds:release_payment_file   302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
POST refunds:discard_payment_file   302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
GET  refunds:payment_file_content   302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
GET  refunds:reconciliation         302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
GET  refunds:upload_statement       302 403 403 403 403 403 403 403 200 200 403 403 403 403 403 200
POST refunds:upload_statement       302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
GET  refunds:payout_report          302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
GET  refunds:statement              302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
GET  refunds:import_progress        302 403 403 403 403 403 403 403 302 302 403 302 403 403 403 302
POST refunds:cancel_import          302 403 403 403 403 403 403 403 302 302 403 403 403 403 403 302
POST refunds:undo_import            302 403 403 403 403 403 403 403 302 302 403 403 403 403 403 302
POST refunds:match_again            302 403 403 403 403 403 403 403 302 302 403 403 403 403 403 302
GET  refunds:books                  302 403 403 403 403 403 403 403 200 200 403 200 200 403 403 200
GET  refunds:gl_exports             302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
POST refunds:gl_exports             302 403 403 403 403 403 403 403 422 422 403 403 403 403 403 422
GET  refunds:gl_export              302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
GET  refunds:gl_export_file         302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
GET  refunds:periods                302 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
GET  refunds:period                 302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
GET  refunds:period_report          302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
GET  refunds:period_pdf             302 403 403 403 403 403 403 403 404 404 403 404 403 403 403 404
POST refunds:sign_period            302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
POST refunds:withdraw_signature     302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
POST refunds:ask_to_reopen          302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
POST refunds:reopen_period          302 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
GET  refunds:journal_entry          302 403 403 403 403 403 403 403 404 404 403 404 404 403 403 404
GET  refunds:erasures               302 403 403 403 403 403 403 403 200 200 403 200 200 403 403 200
POST refunds:erasures               302 403 403 403 403 403 403 403 403 403 403 403 422 403 403 422
GET  refunds:erasure                302 403 403 403 403 403 403 403 404 404 403 404 404 403 403 404
POST refunds:confirm_erasure        302 403 403 403 403 403 403 403 404 404 403 403 404 403 403 404
POST refunds:refuse_erasure         302 403 403 403 403 403 403 403 404 404 403 403 404 403 403 404
POST refunds:set_hold               302 403 403 403 403 403 403 403 403 403 403 403 422 403 403 422
POST refunds:lift_hold              302 403 403 403 403 403 403 403 403 403 403 403 404 403 403 404
POST refunds:look_again_action      302 403 403 403 403 403 403 403 409 409 403 403 403 403 403 409
POST refunds:nothing_moved_action   302 403 403 403 403 403 403 403 409 409 403 403 403 403 403 409
GET  refunds:bypass                 302 403 403 403 403 200 200 200 200 200 200 200 200 403 403 200
GET  refunds:search                 302 200 200 200 200 200 200 200 200 200 200 200 200 403 403 200
POST refunds:stripe_webhook         415 415 415 415 415 415 415 415 415 415 415 415 415 415 415 415
POST refunds:shopify_webhook        404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST refunds:magento_webhook        404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET  evidence:attachment            302 200 404 200 200 200 200 200 200 200 200 200 200 403 404 200
GET  evidence:file                  302 404 404 404 404 404 404 404 404 404 404 404 404 403 404 404
GET  evidence:ledger                302 403 403 403 403 403 403 403 403 403 403 200 200 403 403 200
GET  evidence:outbox                302 200 200 200 200 200 200 200 200 200 403 200 403 403 403 200
GET  evidence:message               302 200 404 200 200 200 200 200 200 200 403 200 403 403 403 200
POST evidence:approve_message       302 403 404 409 409 409 409 409 403 403 403 403 403 403 403 409
POST evidence:send_back_message     302 403 404 422 422 422 422 422 403 403 403 403 403 403 403 422
POST evidence:hand_in_message       302 403 404 409 409 409 409 409 409 409 403 403 403 403 403 409
POST evidence:retry_message         302 403 404 302 302 302 302 302 302 302 403 403 403 403 403 302
GET  analytics:dashboard            302 403 403 200 200 200 200 200 200 200 200 200 403 403 403 200
GET  analytics:measure_csv          302 403 403 404 404 404 404 404 404 404 404 404 403 403 403 404
GET  analytics:codes                302 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  analytics:codes_csv            302 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  analytics:code                 302 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  refunds_api:orders             401 405 405 405 405 405 405 405 405 405 405 405 405 405 405 405
POST refunds_api:orders             401 403 403 403 403 403 403 403 400 400 403 403 400 400 403 400
GET  refunds_api:order              401 200 404 200 200 200 200 200 200 200 200 200 200 200 403 200
GET  refunds_api:refund_requests    401 200 200 200 200 200 200 200 200 200 200 200 200 200 403 200
POST refunds_api:refund_requests    401 400 400 400 400 400 400 400 403 403 403 403 403 400 403 400
GET  refunds_api:refund_request     401 200 404 200 200 200 200 200 200 200 200 200 200 404 403 200
POST refunds_api:submit             401 200 404 200 200 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:withdraw           401 200 404 200 200 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:ask                401 403 404 200 200 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:grant_exception    401 403 404 200 200 403 403 403 403 403 403 403 403 404 403 200
POST refunds_api:approve            401 403 404 403 403 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:decline            401 403 404 403 403 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:recall             401 403 404 403 403 200 200 200 403 403 403 403 403 404 403 200
POST refunds_api:retry              401 403 404 403 403 403 403 403 200 200 403 403 403 404 403 200
POST refunds_api:propose_payout     401 403 404 403 403 403 403 403 200 200 403 403 403 404 403 200
POST refunds_api:hold               401 403 404 403 403 200 200 200 200 200 403 403 200 404 403 200
POST refunds_api:release            401 403 404 403 403 200 200 200 200 200 403 403 200 404 403 200
GET  refunds_api:timeline           401 200 404 200 200 200 200 200 200 200 200 200 200 404 403 200
GET  refunds_api:request_bundle     401 202 404 202 202 202 202 202 202 202 202 202 202 404 403 202
GET  refunds_api:bundles            401 200 200 200 200 200 200 200 200 200 200 200 200 200 403 200
POST refunds_api:bundles            401 403 403 403 403 403 403 403 400 400 403 400 400 403 403 400
GET  refunds_api:bundle             401 200 404 404 404 404 404 404 404 404 404 404 404 404 403 404
POST refunds_api:cancel_bundle      401 200 404 404 404 404 404 404 404 404 404 404 404 404 403 404
GET  refunds_api:bundle_file        401 404 404 404 404 404 404 404 404 404 404 404 404 404 403 404
GET  refunds_api:messages           401 200 404 200 200 200 200 200 200 200 403 200 403 403 403 200
GET  refunds_api:evidence           401 200 404 200 200 200 200 200 200 200 200 200 200 404 403 200
POST refunds_api:evidence           401 400 404 400 400 400 400 400 403 403 403 403 403 404 403 400
GET  refunds_api:evidence_file      401 302 404 302 302 302 302 302 302 302 302 302 302 404 403 302
GET  refunds_api:evidence_content   404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET  refunds_api:statements         401 405 405 405 405 405 405 405 405 405 405 405 405 405 405 405
POST refunds_api:statements         401 403 403 403 403 403 403 403 415 415 403 403 403 403 403 415
GET  refunds_api:erasures           401 403 403 403 403 403 403 403 200 200 403 200 200 200 403 200
POST refunds_api:erasures           401 403 403 403 403 403 403 403 403 403 403 403 400 400 403 400
GET  refunds_api:erasure            401 403 403 403 403 403 403 403 404 404 403 404 404 404 403 404
GET  refunds_api:breaks             401 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
GET  refunds_api:periods            401 403 403 403 403 403 403 403 200 200 403 200 403 403 403 200
POST refunds_api:sign_off           401 403 403 403 403 403 403 403 404 404 403 403 403 403 403 404
GET  refunds_api:decisions          401 403 403 403 403 200 200 200 200 200 200 200 200 200 403 200
POST refunds_api:decisions          401 403 403 403 403 403 403 403 400 400 403 403 403 400 403 400
GET  refunds_api:decision           401 403 403 403 403 200 200 200 200 200 200 200 200 404 403 200
POST refunds_api:approve_decision   401 403 403 403 403 200 200 200 403 403 403 403 403 403 403 200
POST refunds_api:decline_decision   401 403 403 403 403 200 200 200 403 403 403 403 403 403 403 200
GET  refunds_api:webhook_deliveries 401 403 403 403 403 403 403 403 403 403 403 200 200 403 403 200
POST refunds_api:redeliver          401 403 403 403 403 403 403 403 403 403 403 403 409 403 403 409
GET  approvals_api:approvals        401 403 403 403 403 200 200 200 403 403 403 200 403 403 403 200
POST approvals_api:lease            401 403 403 403 403 200 200 200 403 403 403 403 403 403 403 200
POST approvals_api:release          401 403 403 403 403 200 200 200 403 403 403 403 403 403 403 200
GET  approvals_api:freezes          401 403 403 403 403 200 200 200 200 200 403 200 200 403 403 200
GET  approvals_api:delegations      401 403 403 403 403 200 200 200 403 403 403 200 200 403 403 200
POST approvals_api:delegations      401 403 403 403 403 400 400 400 403 403 403 403 403 403 403 400
POST approvals_api:accept_delegation 401 403 403 403 403 200 403 404 403 403 403 403 403 403 403 403
POST approvals_api:decline_delegation 401 403 403 403 403 200 403 404 403 403 403 403 403 403 403 403
POST approvals_api:end_delegation   401 403 403 403 403 200 200 404 403 403 403 403 200 403 403 200
POST approvals_api:freezes          401 403 403 403 403 403 403 403 400 400 403 403 400 403 403 400
DELETE approvals_api:freeze         401 403 403 403 403 403 403 403 400 400 403 403 400 403 403 400
GET  policies_api:policies          401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  policies_api:typed_templates   401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
POST policies_api:install_template  401 403 403 400 400 403 403 403 403 403 403 403 400 403 403 400
GET  policies_api:reason_codes      401 403 403 200 200 403 403 403 403 403 200 200 200 200 403 200
GET  policies_api:exception_codes   401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  policies_api:policy            401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  policies_api:matrix            401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
GET  policies_api:shadow            401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
POST policies_api:simulate          401 403 403 400 400 403 403 403 403 403 400 400 400 403 403 400
GET  policies_api:version           401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
POST policies_api:submit            401 403 403 200 200 403 403 403 403 403 403 403 200 403 403 200
POST policies_api:start_shadow      401 403 403 200 200 403 403 403 403 403 403 403 403 403 403 200
POST policies_api:publish           401 403 403 200 200 403 403 403 403 403 403 403 403 403 403 200
POST policies_api:retire            401 403 403 200 200 403 403 403 403 403 403 403 403 403 403 200
POST policies_api:review            401 403 403 200 200 403 403 403 403 403 200 403 403 403 403 200
GET  typed_templates                401 403 403 200 200 403 403 403 403 403 200 200 200 403 403 200
POST install_template               401 403 403 400 400 403 403 403 403 403 403 403 400 403 403 400
GET  job                            401 404 404 404 404 404 404 404 200 404 404 404 404 404 404 404
GET  schema                         200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  api_docs                       200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET  ^api/                          404 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET  healthz                        200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
"""

ELSEWHERE = {
    "readyz": "asks the broker and the gateway, which the tests of the deployment start",
    "demo:chooser": "exists in the demo only, and has its own tests",
    "demo:become": "exists in the demo only, and has its own tests",
    "demo:sandbox": "exists in the demo only, and has its own tests",
    "demo:arm": "exists in the demo only, and has its own tests",
    "demo:fail": "exists in the demo only, and has its own tests",
    "demo:complain": "exists in the demo only, and has its own tests",
}
"""Addresses that other tests ask for, each with the reason."""


def rows() -> list[tuple[str, str, dict[str, int]]]:
    """Read the table: method, name, and the status for each username; nobody logged in has the empty name."""
    read = []
    for line in TABLE.strip().splitlines()[1:]:
        method, name, *cells = line.split()
        read.append((method, name, dict(zip(WHO, map(int, cells), strict=True))))
    return read
